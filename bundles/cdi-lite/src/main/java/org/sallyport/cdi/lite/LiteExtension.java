package org.sallyport.cdi.lite;

import jakarta.enterprise.inject.build.compatible.spi.BeanInfo;
import jakarta.enterprise.inject.build.compatible.spi.Registration;
import jakarta.enterprise.inject.build.compatible.spi.SkipIfPortableExtensionPresent;
import jakarta.enterprise.inject.build.compatible.spi.Synthesis;
import jakarta.enterprise.inject.build.compatible.spi.SyntheticComponents;
import org.sallyport.cdi.SallyportExtension;

/** For containers without portable extensions. Containers look at the methods that a class declares itself. */
@SkipIfPortableExtensionPresent(SallyportExtension.class)
public class LiteExtension extends PluginsExtension {
    @Override
    @Registration(types = Object.class)
    public void look(BeanInfo bean) {
        super.look(bean);
    }

    @Override
    @Synthesis
    public void add(SyntheticComponents components) {
        super.add(components);
    }
}
