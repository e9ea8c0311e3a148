package org.sallyport.host;

import java.lang.invoke.MethodHandle;
import java.util.Map;

/**
 * Service properties of host modules, and the contract of those that make a slice for each plugin.
 *
 * <p>Any service with the property {@link #MODULE} is a host module: the abstract methods of the interfaces under
 * which it is registered are
 * its functions, named like the method or by {@link org.sallyport.WasmName}. Parameters and results are {@code int
 * long float double},
 * {@code boolean} (an i32), {@code String} and {@code byte[]} (two i32: address and length, see docs/plugin-abi.md);
 * a first
 * parameter of type {@link org.sallyport.Caller} is the guest that calls. From {@code
 * caller.attachment(PluginIdentity.class)} a service learns which plugin that
 * is and what its grant says.
 *
 * <p>A service registered under this interface itself is asked once per plugin instead.
 */
public interface HostModule {
    /** Service property: the wasm module name under which plugins import the functions (String). */
    String MODULE = "sallyport.module";

    /**
     * The name under which a plain Java host offers it, if {@link java.util.ServiceLoader} finds it; with the least ranking,
     * so that the application's own of that name come first. Empty: it is not offered so. In OSGi the service property
     * {@link #MODULE} says it.
     */
    default String module() {
        return "";
    }

    /**
     * The functions for one plugin. Handles may take a {@link org.sallyport.Caller} first; parameter types as above.
     *
     * @param plugin who asks; its grant has already been checked
     * @throws IllegalArgumentException if the attributes of its grant make no sense; the plugin is then unsatisfied and says so
     */
    Map<String, MethodHandle> functions(PluginIdentity plugin);
}
