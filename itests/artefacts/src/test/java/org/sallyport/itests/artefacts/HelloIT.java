package org.sallyport.itests.artefacts;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A project of one's own with one dependency: a POM, ten lines, two commands. */
class HelloIT {
    @TempDir
    Path temp;

    @Test
    void oneDependencyAndTenLines() throws Exception {
        Machine machine = new Machine(temp);
        Path project = Built.project("hello", temp.resolve("hello"));
        List<String> lines = Files.readAllLines(project.resolve("src/main/java/Hello.java"));
        assertThat(lines).filteredOn(line -> !line.isBlank()).hasSizeLessThanOrEqualTo(10);

        machine.maven(project, "compile", "dependency:copy-dependencies").well();
        Machine.Ran ran = machine.run(project, Built.tool("java"), "--illegal-native-access=deny",
                "--enable-native-access=ALL-UNNAMED", "-cp", "target/classes:target/dependency/*", "Hello", "Zoë").well();

        assertThat(ran.lines()).containsExactly("Hello, Zoë");
        try (var files = Files.list(project.resolve("target/dependency"))) {
            assertThat(files.map(f -> f.getFileName().toString().replace("-" + Built.VERSION + ".jar", "")))
                    .as("what the one dependency brings")
                    .containsExactlyInAnyOrder("sallyport", "org.sallyport.wasm", "org.sallyport.api", "org.sallyport.loader",
                            "org.sallyport.validator", "org.sallyport.store", "org.sallyport.text", "org.sallyport.codegen",
                            "org.sallyport.engine", "org.sallyport.wasi", "org.sallyport.host");
        }
    }
}
