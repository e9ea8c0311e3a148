package org.sallyport.host.impl;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.Designate;
import org.sallyport.host.Grant;
import org.sallyport.host.core.ConfiguredGrant;

/** A grant that is a configuration of Configuration Admin. */
@Designate(ocd = GrantConfig.class, factory = true)
@Component(
        service = Grant.class,
        configurationPid = Grant.FACTORY_PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class GrantComponent extends ConfiguredGrant {
    private volatile @Nullable String file;

    @Activate
    public GrantComponent(Map<String, Object> properties) {
        super(properties, FrameworkSyntax.ONLY);
        file = file(properties);
    }

    @Modified
    void modified(Map<String, Object> properties) {
        file = file(properties);
        update(properties);
    }

    private static @Nullable String file(Map<String, Object> properties) {
        return properties.get("felix.fileinstall.filename") instanceof String name ? name : null;
    }

    /** The address of the file in which it stands, or null. */
    @Nullable String file() {
        return file;
    }
}
