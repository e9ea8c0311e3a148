package org.sallyport.proxywasm;

import java.lang.invoke.MethodHandle;
import java.util.Map;
import org.osgi.service.component.annotations.Component;
import org.sallyport.contract.JavaContract;
import org.sallyport.host.HostModule;
import org.sallyport.host.PluginIdentity;

/**
 * What filters import: the module {@code env}, {@link ProxyApi}. Attributes of a filter's grants: {@code
 * proxywasm.configuration} and {@code proxywasm.vm-configuration} are the texts that it finds as its configuration. Calls to
 * other hosts, shared data, metrics and ticks are not there. Thread-safe. In OSGi a service; hosts in plain Java find it by
 * themselves.
 */
@Component(service = HostModule.class, property = HostModule.MODULE + "=" + ProxyModule.NAME)
public final class ProxyModule implements HostModule {
    /** Under which filters import it. */
    public static final String NAME = "env";

    private static final Map<String, MethodHandle> FUNCTIONS = JavaContract.bind(ProxyApi.class, new ProxyFunctions());

    @Override
    public String module() {
        return NAME;
    }

    @Override
    public Map<String, MethodHandle> functions(PluginIdentity plugin) {
        return FUNCTIONS;
    }
}
