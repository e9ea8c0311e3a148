package org.sallyport.opa;

import java.util.List;
import org.sallyport.BindException;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginAdapter;
import org.sallyport.wasm.Printable;

/** Makes {@link Policy}s. */
public final class PolicyAdapter implements PluginAdapter<Policy> {
    private static final String VERSION = "opa_wasm_abi_version";

    @Override
    public Policy adapt(Plugin plugin) {
        if (plugin.module().exports().stream().noneMatch(export -> export.name().equals(VERSION))) {
            throw new BindException(
                    Policy.class, plugin.module().name(),
                    List.of("no exported global \"" + VERSION + "\": it is no policy of the Open Policy Agent"));
        }
        return new Adapted(plugin);
    }

    private record Adapted(Plugin plugin) implements Policy {
        @Override
        public String entrypoints() {
            return plugin.use(instance -> Evaluation.of(instance).entrypoints());
        }

        @Override
        public String evaluate(int entrypoint, String input, String data) {
            Evaluation.Outcome outcome = plugin.use(instance -> Evaluation.of(instance).evaluate(entrypoint, input, data));
            if (!outcome.failure().isEmpty()) { // outside of the loan: it is no fault of the instance
                throw new PolicyException("policy " + plugin.id() + ": " + Printable.message(outcome.failure()));
            }
            return outcome.result();
        }

        @Override
        public String toString() {
            return "policy " + plugin.id();
        }
    }
}
