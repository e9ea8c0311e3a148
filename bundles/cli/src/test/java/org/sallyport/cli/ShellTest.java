package org.sallyport.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * Starts the command as a shell does: in a process of its own, whose descriptors, arguments and environment the test
 * chooses. In scripts {@code plain} is {@code java -cp …}, {@code launched} the same by way of the launcher, both with a
 * code cache of the test's; {@code as_user} has the user's. Scripts and what they write are bytes here, one to a
 * character.
 */
abstract class ShellTest {
    private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
    private static final List<String> PARTS = List.of(
            "bundles/wasm", "bundles/api", "bundles/loader", "bundles/validator", "bundles/store", "bundles/text",
            "runtime.codegen", "runtime.engine", "runtime.wasi");

    @TempDir
    Path temp;

    /** The launcher in a tree that looks built, and a Java that starts the class path of this test. */
    @BeforeEach
    void makeTree() throws IOException {
        Path tree = temp.resolve("tree");
        Path jdk = temp.resolve("jdk");
        Files.createDirectories(tree.resolve("cnf"));
        Files.createDirectories(tree.resolve("bom"));
        for (String file : List.of("sallyport", "cnf/find-tools.sh", "cnf/launch.sh")) {
            Files.copy(ROOT.resolve(file), tree.resolve(file));
        }
        executable(tree.resolve("sallyport"), Files.readString(tree.resolve("sallyport")));
        Files.writeString(tree.resolve("pom.xml"), "");
        Files.writeString(tree.resolve("bnd.bnd"), "");
        Path copies = Files.createDirectories(tree.resolve("bundles/cli/target/lib"));
        for (String part : PARTS) {
            String jar = "org.sallyport." + part.replaceAll(".*[/.]", "") + ".jar";
            Path target = Files.createDirectories(tree.resolve(part).resolve("target"));
            Files.writeString(target.resolve(jar), part);
            Files.writeString(copies.resolve(jar), part);
        }
        Files.writeString(tree.resolve("bundles/cli/target/org.sallyport.cli.jar"), "cli");
        Files.createDirectories(jdk.resolve("bin"));
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25\"\n");
        executable(jdk.resolve("bin/javac"), "#!/bin/sh\n");
        executable(jdk.resolve("bin/java"), """
                #!/usr/bin/env bash
                while [ "$1" != org.sallyport.cli.Main ]; do shift; done
                exec %s "$@"
                """.formatted(java("-Dsallyport.cache='" + temp.resolve("cache") + "'")));
        Files.createDirectory(temp.resolve("work"));
    }

    private static void executable(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static String java(String option) {
        return "'" + Path.of(System.getProperty("java.home"), "bin", "java")
                + "' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED " + option + " -cp '"
                + System.getProperty("java.class.path") + "'";
    }

    /** A file in the directory where scripts run. */
    Path file(String name, String text) throws IOException {
        return Files.writeString(temp.resolve("work").resolve(name), text);
    }

    record Said(String out, String err) {
        List<String> lines() {
            return out.lines().toList();
        }
    }

    /** Runs a script; what is not in the environment given is not there but for {@code PATH}. */
    Said shell(Map<String, String> environment, String script) throws IOException, InterruptedException {
        String functions = "as_user() { " + java("") + " org.sallyport.cli.Main \"$@\"; }\n"
                + "plain() { " + java("-Dsallyport.cache='" + temp.resolve("cache") + "'")
                + " org.sallyport.cli.Main \"$@\"; }\n"
                + "launched() { JAVA_HOME='" + temp.resolve("jdk") + "' SALLYPORT_AOT=off '" + temp.resolve("tree/sallyport")
                + "' \"$@\"; }\n";
        Path text = Files.write(temp.resolve("script"), (functions + script).getBytes(ISO_8859_1));
        Path out = temp.resolve("script.out");
        Path err = temp.resolve("script.err");
        ProcessBuilder builder = new ProcessBuilder("bash", text.toString())
                .directory(temp.resolve("work").toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        String path = System.getenv("PATH");
        builder.environment().clear();
        builder.environment().put("PATH", path);
        builder.environment().putAll(environment);
        builder.start().waitFor();
        return new Said(Files.readString(out, ISO_8859_1), Files.readString(err, ISO_8859_1));
    }

    Said shell(String script) throws IOException, InterruptedException {
        return shell(Map.of("LC_ALL", "C.UTF-8"), script);
    }
}
