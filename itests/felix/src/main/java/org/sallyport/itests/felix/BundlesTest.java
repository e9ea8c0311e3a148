package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;

/** Every bundle of ours that was installed has found all it needs. */
class BundlesTest {
    private final List<Bundle> bundles = Arrays.stream(
                    FrameworkUtil.getBundle(getClass()).getBundleContext().getBundles())
            .filter(b -> b.getSymbolicName().startsWith("org.sallyport."))
            .toList();

    @Test
    void vocabularyIsInstalled() {
        assertThat(bundles).extracting(Bundle::getSymbolicName).contains("org.sallyport.wasm");
    }

    @Test
    void allAreActive() {
        assertThat(bundles).allSatisfy(b -> assertThat(b.getState()).as("state of %s", b).isEqualTo(Bundle.ACTIVE));
    }
}
