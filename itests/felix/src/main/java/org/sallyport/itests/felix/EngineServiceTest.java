package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.Map;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
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
        PluginTest.eventually(() -> context.getServiceReference(org.sallyport.host.osgi.BundlePluginHost.class) != null);
    }

    /** A limit that cannot be read must not become another one; who asks the shell learns why nothing runs. */
    @Test
    void configurationThatCannotBeReadMakesNoEngine(
            @InjectService ConfigurationAdmin configurations, @InjectService CommandProcessor shell) throws Exception {
        Configuration configuration = configurations.getConfiguration("org.sallyport.engine", "?");
        configuration.update(new Hashtable<>(Map.of("storeMemoryBytes", "16m", "StoreMemories", 5)));
        try {
            PluginTest.eventually(() -> context.getServiceReference(Engine.class) == null);
            var out = new ByteArrayOutputStream();
            try (CommandSession session = shell.createSession(new ByteArrayInputStream(new byte[0]), out, out)) {
                PluginTest.eventually(() -> {
                    String answer = String.valueOf(session.execute("sallyport:plugins"));
                    return answer.startsWith("there is no plugin host")
                            && answer.contains("EngineComponent failed: ")
                            && answer.contains("write storeMemories instead of StoreMemories; "
                                    + "storeMemoryBytes must be a number from 0, found \"16m\"");
                });
            }
            configuration.update(new Hashtable<>(Map.of("storeMemoryBytes", "16000000")));
            PluginTest.eventually(() -> context.getServiceReference(Engine.class) != null);
            Engine engine = context.getService(context.getServiceReference(Engine.class));
            assertThat(engine.config().defaultLimits().memoryBytes()).isEqualTo(16_000_000);
        } finally {
            configuration.delete();
        }
        PluginTest.eventually(() -> {
            ServiceReference<Engine> reference = context.getServiceReference(Engine.class);
            Engine engine = reference == null ? null : context.getService(reference);
            return engine != null && engine.config().defaultLimits().memoryBytes() == 4L << 30;
        });
        PluginTest.eventually(() -> context.getServiceReference(org.sallyport.host.osgi.BundlePluginHost.class) != null);
    }
}
