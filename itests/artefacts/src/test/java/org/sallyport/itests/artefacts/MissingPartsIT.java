package org.sallyport.itests.artefacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whoever has only some of the jars is told what to add. */
class MissingPartsIT {
    @ParameterizedTest
    @CsvSource({
        "wasm api, sallyport",
        "wasm api engine, org.sallyport.loader",
        "wasm api engine loader, org.sallyport.validator",
        "wasm api engine loader validator, org.sallyport.codegen",
        "wasm api engine loader validator codegen, org.sallyport.store",
    })
    void namesTheArtefactThatIsMissing(String parts, String missing) {
        assertThatThrownBy(() -> create(parts))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("add org.sallyport:sallyport")
                .hasMessageContaining("org.sallyport:" + missing)
                .hasMessageNotContaining("org.sallyport.spi");
    }

    @Test
    void whatTheMessagesLeadToIsEnough() throws Throwable {
        assertThat(create("wasm api engine loader validator codegen store")).startsWith("native ");
    }

    /** An engine of these parts alone, for a moment. */
    private static String create(String parts) throws Throwable {
        List<URL> jars = new ArrayList<>();
        for (String part : parts.split(" ")) {
            jars.add(Built.jar("org.sallyport." + part).toUri().toURL());
        }
        try (URLClassLoader loader = new URLClassLoader(jars.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            Class<?> type = loader.loadClass("org.sallyport.Engine");
            try (AutoCloseable engine = (AutoCloseable) type.getMethod("create").invoke(null)) {
                return (String) type.getMethod("backEnd").invoke(engine);
            }
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
