package org.sallyport.opa;

import org.sallyport.host.AdaptedBy;

/**
 * A policy, by {@code opa build -t wasm}. By {@code services=org.sallyport.opa.Policy} in the manifest, or {@code
 * plugin.as(Policy.class)}; what it imports is {@link OpaModule}, which a grant allows by {@code (sallyport.module=env)}.
 * Thread-safe; an evaluation leaves nothing behind for the next one.
 */
@AdaptedBy(PolicyAdapter.class)
public interface Policy {
    /** The policy's entry points: a JSON object of names and numbers. */
    String entrypoints();

    /**
     * Evaluates.
     *
     * @param entrypoint number of the entry point
     * @param input what is asked about, JSON
     * @param data what is known besides, a JSON object
     * @return the result set, a JSON array; empty if the answer is undefined
     * @throws PolicyException if input or data are no JSON, or the policy fails
     * @throws org.sallyport.GuestException if it traps or is stopped
     * @throws org.sallyport.host.PluginUnavailableException while the plugin is not active
     */
    String evaluate(int entrypoint, String input, String data);

    /** By its first entry point, without data. */
    default String evaluate(String input) {
        return evaluate(0, input, "{}");
    }
}
