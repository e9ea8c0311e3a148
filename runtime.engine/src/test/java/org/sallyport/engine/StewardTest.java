package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.InvokeDynamicEntry;
import java.lang.reflect.Field;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

import org.junit.jupiter.api.Test;
import org.sallyport.spi.LinuxCall;
import org.sallyport.spi.ProcessPage;
import org.sallyport.steward.Steward;

/** The thread that carries out last wills: whom it knows, and whom it keeps. */
class StewardTest {
    private static Thread steward() {
        for (int i = 0; i < 1000; i++) {
            for (Thread thread : Thread.getAllStackTraces().keySet()) {
                if (thread.getName().equals(Steward.NAME)) {
                    return thread;
                }
            }
            LockSupport.parkNanos(20_000_000);
        }
        throw new AssertionError("no steward came");
    }

    /** All classes of the steward's package, by name, wherever the API's bundle is unpacked or not. */
    private static Map<String, byte[]> classes() throws Exception {
        Map<String, byte[]> classes = new HashMap<>();
        String folder = Steward.class.getPackageName().replace('.', '/');
        Path bundle = Path.of(Steward.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isDirectory(bundle)) {
            addClasses(bundle.resolve(folder), classes);
        } else {
            try (FileSystem inside = FileSystems.newFileSystem(bundle)) {
                addClasses(inside.getPath(folder), classes);
            }
        }
        return classes;
    }

    private static void addClasses(Path folder, Map<String, byte[]> classes) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.class")) {
            for (Path file : files) {
                String name = file.getFileName().toString().replace(".class", "");
                if (!name.equals("package-info")) {
                    classes.put(Steward.class.getPackageName() + "." + name, Files.readAllBytes(file));
                }
            }
        }
    }

    @Test
    void isOfNoCopyOfSallyport() throws Exception {
        try (Fixture f = new Fixture()) {
            Thread steward = steward();
            ClassLoader own = steward.getClass().getClassLoader();
            assertThat(own).isInstanceOf(URLClassLoader.class).isNotSameAs(Steward.class.getClassLoader());
            assertThat(own.getParent()).isSameAs(ClassLoader.getPlatformClassLoader());
            assertThat(steward.getContextClassLoader()).isSameAs(ClassLoader.getSystemClassLoader());
            assertThat(steward.getThreadGroup().getParent()).isNull();
            assertThat(steward.isDaemon()).isTrue();
            for (String name : classes().keySet()) { // it can load nothing later: all is there
                assertThat(Class.forName(name, false, own).getClassLoader()).isSameAs(own);
            }
            assertThat(f.engine.resources()).isNotNull();
        }
    }

    @Test
    void namesTheJdkOnlyAndMakesNothingAtRunTime() throws Exception {
        assertThat(classes()).hasSizeGreaterThan(1).allSatisfy((name, bytes) -> {
            for (var entry : ClassFile.of().parse(bytes).constantPool()) {
                assertThat(entry).as(name).isNotInstanceOf(InvokeDynamicEntry.class);
                if (entry instanceof ClassEntry type) {
                    assertThat(type.asInternalName()).matches("\\[*L?(java/|org/sallyport/steward/).*|\\[+[A-Z]");
                }
            }
        });
    }

    /** It cannot see the classes that have them. */
    @Test
    void hasTheSameLockAndNumbersAsTheOthers() throws Exception {
        assertThat(fact("LOCK")).isSameAs(ProcessPage.LOCK);
        for (LinuxCall call : List.of(LinuxCall.CLOSE, LinuxCall.MUNMAP, LinuxCall.MADVISE, LinuxCall.RT_SIGACTION)) {
            assertThat(fact(call.name())).isEqualTo(call.number());
        }
    }

    private static Object fact(String name) throws ReflectiveOperationException {
        Field field = Class.forName("org.sallyport.steward.Estate").getDeclaredField(name);
        field.setAccessible(true);
        return field.get(null);
    }
}
