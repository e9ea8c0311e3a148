package org.sallyport.cdi;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.enterprise.inject.se.SeContainer;
import jakarta.enterprise.inject.se.SeContainerInitializer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.sallyport.text.Wat;

/** An application of given beans, settings and modules, in Weld SE; its class loader has the settings' file and the modules. */
final class Application implements AutoCloseable {
    private final URLClassLoader loader;
    private final ClassLoader before = Thread.currentThread().getContextClassLoader();
    private final SeContainer container;

    /**
     * @param folder becomes the application's class path
     * @param modules text by file name; those named {@code .wat} are left as they are
     */
    Application(Path folder, Map<String, String> settings, Map<String, String> modules, Class<?>... beans) {
        try {
            modules.forEach((name, text) ->
                    write(folder.resolve(name), name.endsWith(".wat") ? text.getBytes(UTF_8) : Wat.compile(text)));
            StringBuilder lines = new StringBuilder();
            new TreeMap<>(settings).forEach((key, value) -> lines.append(key).append('=').append(value).append('\n'));
            write(folder.resolve(Settings.FILE), lines.toString().getBytes(ISO_8859_1));
            loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, before);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.currentThread().setContextClassLoader(loader);
        SeContainer made = null;
        try {
            made = SeContainerInitializer.newInstance()
                    .disableDiscovery()
                    .setClassLoader(loader)
                    .addExtensions(new SallyportExtension())
                    .addBeanClasses(beans)
                    .initialize();
        } finally {
            if (made == null) {
                leave();
            }
        }
        container = made;
    }

    private static void write(Path file, byte[] bytes) {
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    <T> T get(Class<T> type) {
        return container.select(type).get();
    }

    SeContainer container() {
        return container;
    }

    private void leave() {
        Thread.currentThread().setContextClassLoader(before);
        try {
            loader.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            container.close();
        } finally {
            leave();
        }
    }
}
