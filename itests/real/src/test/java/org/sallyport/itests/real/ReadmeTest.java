package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.host.plain.PlainPluginHost;
import org.sallyport.text.Wat;

/** What the README shows as a program is one. */
class ReadmeTest {
    private static final String HEADING = "### A plugin host in plain Java";

    @Test
    void plainPluginHostIsAProgramOfTwentyLines(@TempDir Path folder) throws Exception {
        String program = program(Files.readString(Path.of(System.getProperty("sallyport.root"), "README.md")));
        assertThat(program.lines().count()).isLessThanOrEqualTo(20);
        Path source = folder.resolve("Shop.java");
        Files.writeString(source, program);
        Files.write(folder.resolve("discount.wasm"), Wat.compile(PlainPluginHostTest.DISCOUNT));

        List<String> command = new ArrayList<>(FreshJvm.command(ReadmeTest.class));
        command.removeLast();
        int classPath = command.indexOf("-cp") + 1;
        command.set(classPath, command.get(classPath) + java.io.File.pathSeparator
                + Path.of(PlainPluginHost.class.getProtectionDomain().getCodeSource().getLocation().getPath()));
        command.add(source.toString());
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
        process.getOutputStream().close();
        assertThat(new FreshJvm.Running(process).output()).contains("plugin: a basket\n", "1700\n");
    }

    private static String program(String readme) {
        int start = readme.indexOf("```java\n", readme.indexOf(HEADING)) + "```java\n".length();
        return readme.substring(start, readme.indexOf("```", start));
    }
}
