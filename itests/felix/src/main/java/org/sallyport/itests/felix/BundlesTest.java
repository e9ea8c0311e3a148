package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.common.annotation.InjectService;
import org.osgi.test.junit5.context.BundleContextExtension;
import org.osgi.test.junit5.service.ServiceExtension;

/** Every bundle of ours that was installed has found all it needs. */
@ExtendWith({BundleContextExtension.class, ServiceExtension.class})
class BundlesTest {
    private final List<Bundle> bundles;

    BundlesTest(@InjectBundleContext BundleContext context) {
        bundles = Arrays.stream(context.getBundles())
                .filter(b -> b.getSymbolicName().startsWith("org.sallyport."))
                .toList();
    }

    @Test
    void vocabularyIsInstalled() {
        assertThat(bundles).extracting(Bundle::getSymbolicName).contains("org.sallyport.wasm");
    }

    @Test
    void componentRuntimeIsPresent(@InjectService ServiceComponentRuntime components) {
        assertThat(components.getComponentDescriptionDTOs()).isNotNull();
    }

    @Test
    void allAreActive() {
        assertThat(bundles).allSatisfy(b -> assertThat(b.getState()).as("state of %s", b).isEqualTo(Bundle.ACTIVE));
    }
}
