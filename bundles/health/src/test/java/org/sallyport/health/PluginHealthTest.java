package org.sallyport.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.List;
import org.apache.felix.hc.api.Result;
import org.apache.felix.hc.api.ResultLog;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginCandidate;
import org.sallyport.host.PluginHost;
import org.sallyport.host.PluginState;

class PluginHealthTest {
    private static Plugin plugin(PluginState state, @Nullable String quarantine) {
        return stub(Plugin.class, name -> switch (name) {
            case "id" -> "p";
            case "state" -> state;
            case "quarantinedBecause" -> quarantine;
            case "conflict" -> "q has it";
            case "unsatisfied", "unsatisfiedOffers" -> List.of();
            default -> throw new UnsupportedOperationException(name);
        });
    }

    private static PluginHost host(List<Plugin> plugins, List<PluginCandidate> candidates) {
        return stub(PluginHost.class, name -> switch (name) {
            case "plugins" -> plugins;
            case "candidates" -> candidates;
            default -> throw new UnsupportedOperationException(name);
        });
    }

    private interface Answers {
        @Nullable Object to(String method);
    }

    private static <T> T stub(Class<T> type, Answers answers) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (_, method, _) -> answers.to(method.getName())));
    }

    private static String text(Result result) {
        StringBuilder text = new StringBuilder();
        for (ResultLog.Entry entry : result) {
            text.append(entry.getMessage()).append('\n');
        }
        return text.toString();
    }

    @ParameterizedTest
    @CsvSource({
        "ACTIVE, OK",
        "STARTING, TEMPORARILY_UNAVAILABLE",
        "UNSATISFIED, WARN",
        "CONFLICT, WARN",
        "QUARANTINED, CRITICAL",
    })
    void isAsBadAsItsWorstPlugin(PluginState state, Result.Status status) {
        List<Plugin> plugins = List.of(plugin(PluginState.ACTIVE, null), plugin(state, "it trapped"));
        Result result = new PluginHealth(host(plugins, List.of())).execute();

        assertThat(result.getStatus()).isEqualTo(status);
        assertThat(text(result)).contains("p is " + state);
    }

    @Test
    void saysWhy() {
        Plugin quarantined = plugin(PluginState.QUARANTINED, "it failed 3 times, {}");
        assertThat(text(new PluginHealth(host(List.of(quarantined), List.of())).execute()))
                .contains("p is QUARANTINED: it failed 3 times, {}");
    }

    @Test
    void whatIsNoPluginCountsToo() {
        PluginCandidate refused = new PluginCandidate("r", "file:r.wasm", PluginState.REFUSED, "it is truncated");
        Result result = new PluginHealth(host(List.of(), List.of(refused))).execute();

        assertThat(result.getStatus()).isEqualTo(Result.Status.WARN);
        assertThat(text(result)).contains("r is REFUSED (file:r.wasm): it is truncated");
    }

    @Test
    void noHostIsCritical() {
        assertThat(new PluginHealth().execute().getStatus()).isEqualTo(Result.Status.CRITICAL);
        assertThat(new PluginHealth(host(List.of(), List.of())).execute().getStatus()).isEqualTo(Result.Status.OK);
    }
}
