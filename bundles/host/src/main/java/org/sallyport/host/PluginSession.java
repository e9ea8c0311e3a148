package org.sallyport.host;

/**
 * A plugin with an instance of its own, for one client: what a call leaves in the instance is there for the next calls of this
 * session, and for nobody else. Everything else is as with the plugin that it is of: rights, limits, state, counters.
 *
 * <p>The instance is made by the first call, whatever the plugin's {@link EntryPolicy}. Calls take turns. After one that failed,
 * and when another version of the plugin, or the same under other rights, has come into service, the next call has a fresh one.
 *
 * <p>Whoever opens a session closes it. {@link Plugin#restart} gives its instance up, too; uninstalling the plugin ends it.
 */
public interface PluginSession extends Plugin, AutoCloseable {
    /** Gives the instance back. Calls in flight get a second, then are ended; later ones are refused. Idempotent. */
    @Override
    void close();
}
