package org.sallyport.host;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sallyport.Instance;
import org.sallyport.Module;

/** An installed plugin. Registered as a service with the property {@link #ID} while it holds its id. Thread-safe. */
public interface Plugin {
    /** Service property of plugins and of the services they offer: the plugin's id. */
    String ID = "sallyport.plugin";

    String id();

    PluginManifest manifest();

    /** Where it comes from: what its author could not choose. */
    PluginOrigin origin();

    PluginState state();

    /** Empty unless the state is {@link PluginState#UNSATISFIED}. */
    List<UnsatisfiedImport> unsatisfied();

    /** Interfaces that it asks to offer and may not; empty unless the state is {@link PluginState#UNSATISFIED}. */
    List<UnsatisfiedOffer> unsatisfiedOffers();

    /** Who holds its id instead, or null. */
    @Nullable String conflict();

    /** Why it is quarantined, or null. */
    @Nullable String quarantinedBecause();

    Module module();

    /** What has become of the last update, or null if there was none. */
    @Nullable PluginUpdate update();

    /** Whether there is a version before this one, to which {@link PluginHost#rollback} leads. */
    boolean hasPrevious();

    /**
     * An implementation of {@code contract} by the plugin's exports (docs/plugin-abi.md), also for interfaces that
     * the manifest does not name; or by what the contract is {@linkplain AdaptedBy adapted by}.
     * Calls throw {@link PluginUnavailableException} while the plugin is not active.
     *
     * @throws org.sallyport.BindException lists every method without a fitting export
     */
    <T> T as(Class<T> contract);

    /**
     * Lends one instance for calls that belong together: for modules with an ABI of their own, where the application
     * writes into the guest's memory between calls. Counts as one call: policy, pool and timeout hold for the whole.
     *
     * @throws PluginUnavailableException while the plugin is not active
     * @throws X what {@code use} throws; the instance is given up then, as after a trap
     */
    <R, X extends Throwable> R use(Use<R, X> use) throws X;

    /**
     * The plugin with an instance of its own, for calls of one client over some time: a request, a user, a connection.
     * To be closed. Works in every state: its calls fail while the plugin is not active.
     */
    PluginSession openSession();

    /** What is done with an instance on loan. */
    @FunctionalInterface
    interface Use<R, X extends Throwable> {
        /**
         * @param instance for this call only; attachments of its {@linkplain org.sallyport.Store store} stay with it
         *     from one loan to the next
         */
        R apply(Instance instance) throws X;
    }

    Counters counters();

    /** What it has used of its {@link Budget}. */
    Usage usage();

    /** How long its calls took. */
    Latency latency();

    /**
     * What grants and manifest together allow, for people: {@code allow} (LDAP filters of grants), {@code offer}
     * (interfaces), {@code ranking} and {@code properties} (where there are any), {@code memory} (bytes of one instance),
     * {@code timeout} (milliseconds, where there is one), {@code max-traps} and the attributes of its grants.
     */
    Map<String, Object> rights();

    /** Starts it anew: out of quarantine, with fresh instances. Calls in flight end with their old instances. */
    void restart();

    /**
     * @param calls finished calls, failed ones included
     * @param traps calls that trapped
     * @param stops calls stopped at their deadline
     * @param denials host calls refused because a grant or service had gone
     * @param instances live instances
     * @param memoryBytes memory of the live instances
     */
    record Counters(long calls, long traps, long stops, long denials, int instances, long memoryBytes) {}

    /**
     * Each is counted only while a grant sets a limit for it.
     *
     * @param hostCalls of guests, refused ones included
     * @param logLines likewise
     * @param processorNanos processor time of finished calls
     * @param overBudget how often something was beyond the budget, refused or only observed
     */
    record Usage(long hostCalls, long logLines, long processorNanos, long overBudget) {}
}
