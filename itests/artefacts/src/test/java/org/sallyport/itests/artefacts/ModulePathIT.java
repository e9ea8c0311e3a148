package org.sallyport.itests.artefacts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the module path, and in a Java image of one's own: nothing but modules, access to native code for four of them. */
class ModulePathIT {
    private static final String NATIVE_ACCESS =
            "--enable-native-access=org.sallyport.api,org.sallyport.engine,org.sallyport.store,org.sallyport.wasi";
    private static final String MODULE_PATH = Stream.concat(
                    Stream.of("sallyport"), Built.PARTS.stream().map(part -> "org.sallyport." + part))
            .map(artefact -> Built.jar(artefact).toString())
            .collect(Collectors.joining(File.pathSeparator));
    private static final List<String> FIRST = List.of("sum 3", "left with 7", "found in the cache 0");
    private static final List<String> LATER = List.of("sum 3", "left with 7", "found in the cache 1");

    @TempDir
    Path temp;

    @Test
    void runsOnTheModulePathAndInAnImage() throws Exception {
        Machine machine = new Machine(temp);
        Path sources = Built.project("modular", temp.resolve("sources"));
        machine.run(sources, Built.tool("javac"), "-Xlint:all", "-Werror", "-p", MODULE_PATH, "-d", "classes",
                "module-info.java", "com/acme/hello/Hello.java").well();
        String path = MODULE_PATH + File.pathSeparator + sources.resolve("classes");

        List<String> modular = List.of(Built.tool("java"), "--illegal-native-access=deny", NATIVE_ACCESS, "-p", path, "-m",
                "com.acme.hello/com.acme.hello.Hello", "cache");
        assertThat(machine.run(temp, modular).well().lines()).isEqualTo(FIRST);
        assertThat(machine.run(temp, modular).well().lines()).isEqualTo(LATER);

        machine.run(temp, Built.tool("jlink"), "-p", path, "--add-modules", "com.acme.hello", "--launcher",
                "hello=com.acme.hello/com.acme.hello.Hello",
                "--add-options=" + NATIVE_ACCESS + " --illegal-native-access=deny", "--output", "image").well();
        List<String> linked = List.of(temp.resolve("image/bin/hello").toString(), "image-cache");
        assertThat(machine.run(temp, linked).well().lines()).isEqualTo(FIRST);
        assertThat(machine.run(temp, linked).well().lines()).as("the image is known again").isEqualTo(LATER);
        assertThat(Files.readString(temp.resolve("image/release"))).as("what the image needs of Java")
                .contains("MODULES=\"java.base ", "org.sallyport.engine").doesNotContain("java.logging", "jdk.unsupported");
    }
}
