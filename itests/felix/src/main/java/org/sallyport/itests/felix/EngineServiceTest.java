package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.common.annotation.InjectService;
import org.osgi.test.junit5.context.BundleContextExtension;
import org.osgi.test.junit5.service.ServiceExtension;
import org.sallyport.Engine;
import org.sallyport.Instance;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.text.Wat;

/** The engine as a service: made of the services of its parts, gone when one of them goes. */
@ExtendWith({BundleContextExtension.class, ServiceExtension.class})
class EngineServiceTest {
    @InjectBundleContext
    BundleContext context;

    @Test
    void propertiesTellTheBackEnd(@InjectService Engine engine) {
        ServiceReference<Engine> reference = context.getServiceReference(Engine.class);

        assertThat((String) reference.getProperty("sallyport.target")).isNotEmpty();
        assertThat(engine.backEnd()).contains((String) reference.getProperty("sallyport.target"));
        assertThat(reference.getProperty("sallyport.backend")).isNotNull();
    }

    @Test
    void runsModules(@InjectService Engine engine) {
        byte[] wasm = Wat.compile("(module (func (export \"double\") (param i64) (result i64) "
                + "(i64.shl (local.get 0) (i64.const 1))))");
        try (Module module = engine.compile(wasm);
                Store store = engine.newStore()) {
            Instance instance = engine.newLinker().link(module).instantiate(store);

            assertThat(instance.func("double").call(21L)).containsExactly(42L);
        }
    }

    @Test
    void goesAndComesWithItsParts() throws Exception {
        Bundle validator = Arrays.stream(context.getBundles())
                .filter(b -> b.getSymbolicName().equals("org.sallyport.validator"))
                .findFirst()
                .orElseThrow();
        validator.stop();
        try {
            PluginTest.eventually(() -> context.getServiceReference(Engine.class) == null);
        } finally {
            validator.start();
        }
        PluginTest.eventually(() -> context.getServiceReference(Engine.class) != null);
        PluginTest.eventually(() -> context.getServiceReference(org.sallyport.host.PluginHost.class) != null);
    }
}
