package org.sallyport.demo.app;

import com.acme.demo.LogFunctions;
import org.osgi.service.component.annotations.Component;
import org.sallyport.Caller;
import org.sallyport.host.HostModule;
import org.sallyport.host.PluginIdentity;

/** The host module {@code log}: an ordinary service. Which plugin calls comes from the call itself. */
@Component(property = HostModule.MODULE + "=log")
public final class LogService implements LogFunctions {
    @Override
    public void info(Caller caller, String message) {
        PluginIdentity plugin = caller.attachment(PluginIdentity.class);
        System.out.println("   log, from plugin " + (plugin == null ? "?" : plugin.id()) + ": " + message);
    }
}
