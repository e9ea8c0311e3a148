package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.host.plain.PlainPluginHost;
import org.sallyport.text.Wat;

/** What the README shows as programs are some. */
class ReadmeTest {
    private static final String SHAPES = """
            (module
              (type $point (struct (field (mut f64)) (field (mut f64))))
              (type $line (array (mut (ref null $point))))
              (func (export "point") (param f64 f64) (result (ref $point)) (struct.new $point (local.get 0) (local.get 1)))
              (func (export "line") (param i32) (result (ref $line)) (array.new_default $line (local.get 0)))
              (func $side (param $line (ref $line)) (param $i i32) (param $b (ref null $point)) (result f64)
                (local $a (ref null $point))
                (local.set $a (array.get $line (local.get $line) (local.get $i)))
                (f64.sqrt (f64.add
                  (call $square (f64.sub (struct.get $point 0 (local.get $a)) (struct.get $point 0 (local.get $b))))
                  (call $square (f64.sub (struct.get $point 1 (local.get $a)) (struct.get $point 1 (local.get $b)))))))
              (func $square (param f64) (result f64) (f64.mul (local.get 0) (local.get 0)))
              (func (export "length") (param $line (ref null $line)) (result f64) (local $i i32) (local $sum f64)
                (loop $more
                  (local.set $sum (f64.add (local.get $sum) (call $side
                    (ref.as_non_null (local.get $line))
                    (local.get $i)
                    (array.get $line (local.get $line) (i32.add (local.get $i) (i32.const 1))))))
                  (local.set $i (i32.add (local.get $i) (i32.const 1)))
                  (br_if $more (i32.lt_u (local.get $i) (i32.sub (array.len (local.get $line)) (i32.const 1)))))
                (local.get $sum)))
            """;

    @Test
    void plainPluginHostIsAProgramOfTwentyLines(@TempDir Path folder) throws Exception {
        String program = program("### A plugin host in plain Java");
        assertThat(program.lines().count()).isLessThanOrEqualTo(20);
        Files.write(folder.resolve("discount.wasm"), Wat.compile(PlainPluginHostTest.DISCOUNT));
        assertThat(output(folder, "Shop.java", program)).contains("plugin: a basket\n", "1700\n");
    }

    @Test
    void structuresAndArraysAreAProgram(@TempDir Path folder) throws Exception {
        Files.write(folder.resolve("shapes.wasm"), Wat.compile(SHAPES));
        double length = Math.hypot(3, 8) + 1;
        assertThat(output(folder, "Lines.java", program("### Structures and arrays")))
                .contains(length + "\n", "4 objects live\n");
    }

    private static String output(Path folder, String file, String program) throws Exception {
        Path source = folder.resolve(file);
        Files.writeString(source, program);
        List<String> command = new ArrayList<>(FreshJvm.command(ReadmeTest.class));
        command.removeLast();
        int classPath = command.indexOf("-cp") + 1;
        command.set(classPath, command.get(classPath) + java.io.File.pathSeparator
                + Path.of(PlainPluginHost.class.getProtectionDomain().getCodeSource().getLocation().getPath()));
        command.add(source.toString());
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
        process.getOutputStream().close();
        return new FreshJvm.Running(process).output();
    }

    /** The first program under a heading. */
    private static String program(String heading) throws IOException {
        String readme = Files.readString(Path.of(System.getProperty("sallyport.root"), "README.md"));
        int start = readme.indexOf("```java\n", readme.indexOf(heading)) + "```java\n".length();
        return readme.substring(start, readme.indexOf("```", start));
    }
}
