package org.sallyport.extism;

import java.lang.invoke.MethodHandle;
import java.util.Map;
import org.osgi.service.component.annotations.Component;
import org.sallyport.contract.JavaContract;
import org.sallyport.host.HostModule;
import org.sallyport.host.PluginIdentity;

/**
 * Extism's kernel as a host module, {@link KernelApi}. Attributes of a plug-in's grants: {@code extism.config.NAME} is what it
 * finds as its configuration, {@code extism.memory} the bytes that it may exchange with its host in one call (16 MiB), {@code
 * extism.vars} those of its variables (1 MiB). Each instance has variables of its own. HTTP requests are refused. Thread-safe. In
 * OSGi a service; hosts in plain Java find it by themselves.
 */
@Component(service = HostModule.class, property = HostModule.MODULE + "=" + ExtismModule.NAME)
public final class ExtismModule implements HostModule {
    /** Under which plug-ins import it. */
    public static final String NAME = "extism:host/env";

    private static final Map<String, MethodHandle> FUNCTIONS = JavaContract.bind(KernelApi.class, new KernelFunctions());

    @Override
    public String module() {
        return NAME;
    }

    @Override
    public Map<String, MethodHandle> functions(PluginIdentity plugin) {
        Kernel.check(plugin.attributes());
        return FUNCTIONS;
    }
}
