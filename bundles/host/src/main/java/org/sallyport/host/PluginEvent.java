package org.sallyport.host;

import java.util.List;
import org.sallyport.ImportType;
import org.sallyport.TrapCode;

/** What happens to plugins, for operators and audits. In OSGi also an event of {@code EventAdmin}. */
public sealed interface PluginEvent {
    /** The plugin's id, or what comes nearest. */
    String plugin();

    /** For people, on one line: what happened. Begins so that it can follow the id. */
    String message();

    /**
     * An update has taken the place of what was in service, or waits for what it lacks.
     *
     * @param state {@link PluginState#ACTIVE} or {@link PluginState#WAITING}
     * @param source where it comes from
     */
    record Updated(String plugin, PluginState state, String source, String message) implements PluginEvent {}

    /** It is in another state. */
    record StateChanged(String plugin, PluginState state, String message) implements PluginEvent {}

    /**
     * Its rights are others than before: what grants and manifest together allow, and by which grants.
     *
     * @param grants where they come from, such as pids of configurations; none: what it had is withdrawn
     */
    record Granted(String plugin, List<String> grants, String message) implements PluginEvent {
        public Granted {
            grants = List.copyOf(grants);
        }
    }

    /** A guest called a host function whose grant was withdrawn, or that has left. */
    record Denied(String plugin, ImportType wanted, String message) implements PluginEvent {}

    /** A call trapped. */
    record Trapped(String plugin, TrapCode code, String message) implements PluginEvent {}

    /**
     * A call was stopped at a limit of time or fuel.
     *
     * @param ownLimit whether the limit was the plugin's; else it was its caller's, which says nothing about the plugin
     */
    record Stopped(String plugin, boolean ownLimit, String message) implements PluginEvent {}

    /**
     * It uses more than its {@link Budget} allows. Told once in each second, of processor time once in each minute.
     *
     * @param budget the grant's key that sets the limit
     * @param refused whether the budget is enforced
     */
    record OverBudget(String plugin, String budget, boolean refused, String message) implements PluginEvent {}

    /**
     * What wanted to be a plugin, or an update of one, is none.
     *
     * @param source where it comes from
     */
    record Refused(String plugin, String source, String message) implements PluginEvent {}
}
