package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.service.cm.Configuration;
import org.sallyport.dprint.Formatter;
import org.sallyport.extism.ExtismPlugin;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUnavailableException;
import org.sallyport.host.wasi.WasiCommand;
import org.sallyport.itests.inputs.RealInputs;
import org.sallyport.opa.Policy;
import org.sallyport.proxywasm.HttpFilter;
import org.sallyport.proxywasm.HttpMessage;
import org.sallyport.proxywasm.HttpMessage.Header;

/** Each adapter as people have it in a framework: a bundle around a module, a grant, a service of the registry. */
class AdaptersTest extends PluginTest {
    @TempDir
    Path folder;

    /** The plugin's bundle, without a grant at first. */
    private Bundle bundle(String id, Class<?> contract, String more, byte[] wasm) throws Exception {
        return startAt("test:" + id, PluginBundles.bundle(
                "test." + id, id + services(contract) + more, wasm, contract.getPackageName()));
    }

    /** The service, from when it is granted. */
    private <S> S granted(String id, Class<S> contract, String module, Object... more) throws Exception {
        assertThat(services(contract, id)).as("before it is granted").isEmpty();
        Object[] all = new Object[more.length + 2];
        all[0] = "offer";
        all[1] = contract.getName();
        System.arraycopy(more, 0, all, 2, more.length);
        grant(id, module.isEmpty() ? "" : "(sallyport.module=" + module + ")", all);
        return service(contract, id);
    }

    @Test
    void formatterOfDprint() throws Exception {
        bundle("json", Formatter.class, "", RealInputs.dprintJson());

        Formatter json = granted("json", Formatter.class, "");
        assertThat(json.format("a.json", "{\"a\":[1,2],\n}")).isEqualTo("{ \"a\": [1, 2] }\n");
    }

    /** Two bundles have a host module {@code env} here; which is meant, the functions say. */
    @Test
    void policyOfTheOpenPolicyAgent() throws Exception {
        bundle("rules", Policy.class, "", RealInputs.opaDemoPolicy());

        Policy rules = granted("rules", Policy.class, "env");
        String roles = "{\"role\":{\"alice\":\"admin\"}}";
        assertThat(rules.evaluate(0, "{\"user\":\"alice\"}", roles)).isEqualTo("[{\"result\":true}]");
        assertThat(rules.evaluate(0, "{\"user\":\"bob\"}", roles)).isEqualTo("[{\"result\":false}]");
    }

    @Test
    void pluginOfExtism() throws Exception {
        Bundle bundle = bundle("mirror", ExtismPlugin.class, ";policy=serialized", PluginBundles.wasm("extism"));

        ExtismPlugin mirror = granted("mirror", ExtismPlugin.class, "extism:host/env");
        assertThat(mirror.call("mirror", "abc")).isEqualTo("cba");
        bundle.stop();
        assertThatThrownBy(() -> mirror.call("mirror", "abc")).isInstanceOf(PluginUnavailableException.class);
    }

    @Test
    void filterOfProxyWasm() throws Exception {
        bundle("guard", HttpFilter.class, ";policy=serialized", PluginBundles.wasm("proxywasm"));

        HttpFilter guard = granted("guard", HttpFilter.class, "env");
        HttpMessage request = new HttpMessage(List.of(new Header(":path", "/")), new byte[0]);
        try (HttpFilter.Exchange exchange = guard.begin()) {
            assertThat(exchange.request(request)).isEmpty();
            assertThat(request.header("x-seen")).isEqualTo("yes");
        }
    }

    /** What it may read is a part of the grant; taking it away takes effect. */
    @Test
    void commandOfWasi() throws Exception {
        Files.writeString(folder.resolve("word"), "hello");
        bundle("cat", WasiCommand.class, ";policy=fresh", PluginBundles.wasm("wasi"));
        Configuration blind = grant(
                "cat", "(sallyport.module=wasi_snapshot_preview1)", "offer", WasiCommand.class.getName());
        assertThat(service(WasiCommand.class, "cat").run().status()).as("there is no directory").isEqualTo(1);

        update(blind, "cat", "(sallyport.module=wasi_snapshot_preview1)", "offer", WasiCommand.class.getName(),
                "attribute.wasi.read", folder + "::/");
        eventually(() -> plugin("cat").rights().toString().contains("wasi.read") && plugin("cat").state() == PluginState.ACTIVE);
        WasiCommand.Result result = service(WasiCommand.class, "cat").run();
        assertThat(result.text()).isEqualTo("hello");
        assertThat(result.status()).isZero();
        assertThat(plugin("cat").counters().traps()).isZero();
    }

    @Test
    void anAdaptersInterfaceNeedsAGrantLikeAnyOther() throws Exception {
        bundle("mirror", ExtismPlugin.class, ";policy=serialized", PluginBundles.wasm("extism"));
        grant("mirror", "(sallyport.module=extism:host/env)", "offer", "com.acme.*");
        eventually(() -> plugin("mirror").unsatisfied().isEmpty());

        stays(() -> services(ExtismPlugin.class, "mirror").isEmpty());
        Plugin plugin = plugin("mirror");
        assertThat(plugin.state()).isEqualTo(PluginState.UNSATISFIED);
        assertThat(plugin.unsatisfiedOffers().toString()).contains(ExtismPlugin.class.getName());
    }
}
