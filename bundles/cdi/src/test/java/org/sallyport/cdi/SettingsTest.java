package org.sallyport.cdi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.eclipse.microprofile.config.spi.ConfigProviderResolver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Settings come from files, under MicroProfile Config or system properties; ids may have dots. */
class SettingsTest {
    @TempDir
    Path folder;

    private static final Map<String, String> SOME = Map.of(
            "sallyport.plugin.a.module", "a.wasm",
            "sallyport.plugin.a.timeout", "5",
            "sallyport.plugin.a.b.module", "b.wasm",
            "sallyport.plugin.a.b.ask.log", "(level=1)",
            "sallyport.grant.x.y.plugin", "a",
            "sallyport.grant.x.y.attribute.plugin", "p",
            "sallyport.plugin.a.property.module", "m",
            "sallyport.host.pool", "3",
            "other", "left");

    @Test
    void theLongestNameIsTheGroup() {
        Settings settings = new Settings(SOME);
        assertThat(settings.plugins())
                .isEqualTo(Map.of(
                        "a", Map.of("module", "a.wasm", "timeout", "5", "property.module", "m"),
                        "a.b", Map.of("module", "b.wasm", "ask.log", "(level=1)")));
        assertThat(settings.grants()).isEqualTo(Map.of("x.y", Map.of("plugin", "a", "attribute.plugin", "p")));
        assertThat(settings.host()).isEqualTo(Map.of("pool", "3"));
    }

    @Test
    void nothingElseStandsInTheFile() throws IOException {
        write(Settings.FILE, "sallyport.plugins.c.timeout=5\n");
        try (URLClassLoader application = loader()) {
            assertThatThrownBy(() -> Settings.of(application))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("did you mean sallyport.plugin.?")
                    .hasMessageContaining("sallyport.plugins.c.timeout");
        }
    }

    @Test
    void settingsOfNothingAreRefused() {
        Settings settings = new Settings(Map.of("sallyport.plugin.a.timeout", "5", "sallyport.plugin.b.module", "b.wasm"));
        assertThatThrownBy(settings::plugins)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sallyport.plugin.a.timeout")
                .hasMessageContaining("sallyport.plugin.NAME.module");
    }

    /** SmallRye Config reads {@code META-INF/microprofile-config.properties} of the application. */
    @Test
    void microProfileConfig() throws IOException {
        write("META-INF/microprofile-config.properties", "sallyport.plugin.c.module=${place}/c.wasm\nplace=here\n");
        write(Settings.FILE, "sallyport.plugin.c.module=hidden.wasm\nsallyport.plugin.c.pool=3\n");
        try (URLClassLoader application = loader()) {
            assertThat(Settings.of(application).plugins()).isEqualTo(Map.of("c", Map.of("module", "here/c.wasm", "pool", "3")));
            ConfigProviderResolver.instance().releaseConfig(ConfigProviderResolver.instance().getConfig(application));
        }
    }

    private void write(String name, String text) throws IOException {
        Files.createDirectories(folder.resolve(name).getParent());
        Files.writeString(folder.resolve(name), text);
    }

    private URLClassLoader loader() throws IOException {
        return new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader());
    }
}
