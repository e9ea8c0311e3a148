package org.sallyport.host;

/**
 * Makes a Java service of a plugin with an ABI of its own (Extism, dprint, a WASI command), where methods are no exports.
 * Named by {@link AdaptedBy} on the service's interface. Public, with a public constructor without parameters; thread-safe.
 *
 * @param <T> the interface
 */
public interface PluginAdapter<T> {
    /**
     * The plugin as that service. Called before the plugin is active too, so it looks at {@link Plugin#module} and
     * {@link Plugin#manifest} only; what it returns calls {@link Plugin#use}, and is thread-safe.
     *
     * @throws org.sallyport.BindException if the module does not have the ABI; lists what is missing
     */
    T adapt(Plugin plugin);
}
