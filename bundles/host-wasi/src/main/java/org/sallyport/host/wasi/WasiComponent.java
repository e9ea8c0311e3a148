package org.sallyport.host.wasi;

import java.lang.invoke.MethodHandle;
import java.util.Map;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.sallyport.host.HostModule;
import org.sallyport.host.PluginIdentity;

/** {@link WasiModule} as a service; {@code data:} is in this bundle's persistent storage. */
@Component(service = HostModule.class, property = HostModule.MODULE + "=" + WasiModule.NAME)
public final class WasiComponent implements HostModule {
    private final WasiModule module;

    @Activate
    public WasiComponent(BundleContext context) {
        module = new WasiModule(() -> WasiModule.path(context.getDataFile("plugins")));
    }

    @Override
    public Map<String, MethodHandle> functions(PluginIdentity plugin) {
        return module.functions(plugin);
    }
}
