package org.sallyport.health;

import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.felix.hc.api.FormattingResultLog;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginCandidate;
import org.sallyport.host.PluginHost;
import org.sallyport.host.PluginState;
import org.sallyport.wasm.Printable;

/**
 * Whether all plugins are in service. {@code CRITICAL}: there is no plugin host, or a plugin is quarantined. {@code
 * TEMPORARILY_UNAVAILABLE}: one starts or is compiled. {@code WARN}: one lacks grants or services, or the id that it wants, or
 * what was to be one, or an update, was refused or waits. Else {@code OK}.
 */
@Component(service = HealthCheck.class, property = {"hc.name=Sallyport plugins", "hc.tags=sallyport", "hc.tags=plugins"})
public final class PluginHealth implements HealthCheck {
    /** The check is there without it, too: to say so. */
    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile @Nullable PluginHost host;

    @Activate
    public PluginHealth() {}

    PluginHealth(PluginHost host) {
        this.host = host;
    }

    @Override
    public Result execute() {
        FormattingResultLog log = new FormattingResultLog();
        PluginHost now = host;
        if (now == null) {
            log.critical("there is no plugin host: sallyport:plugins in the shell says which component is down and why");
            return new Result(log);
        }
        now.plugins().forEach(plugin -> tell(log, plugin.state(), plugin.id() + " is " + plugin.state() + why(plugin)));
        for (PluginCandidate candidate : now.candidates()) {
            tell(log, candidate.state(),
                    candidate.id() + " is " + candidate.state() + " (" + candidate.source() + "): " + candidate.reason());
        }
        if (now.plugins().isEmpty() && now.candidates().isEmpty()) {
            log.info("no plugins");
        }
        return new Result(log);
    }

    private static void tell(FormattingResultLog log, PluginState state, String message) {
        String text = Printable.message(message);
        switch (state) {
            case ACTIVE -> log.info("{}", text);
            case STARTING, COMPILING -> log.temporarilyUnavailable("{}", text);
            case QUARANTINED -> log.critical("{}", text);
            default -> log.warn("{}", text);
        }
    }

    private static String why(Plugin plugin) {
        String why = plugin.state() == PluginState.CONFLICT ? plugin.conflict() : plugin.quarantinedBecause();
        String missing = Stream.concat(plugin.unsatisfied().stream(), plugin.unsatisfiedOffers().stream())
                .map(Object::toString)
                .collect(Collectors.joining("; "));
        return why != null ? ": " + why : missing.isEmpty() ? "" : ": " + missing;
    }
}
