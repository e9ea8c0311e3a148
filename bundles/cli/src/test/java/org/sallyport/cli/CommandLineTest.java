package org.sallyport.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Runs the command in this process and keeps what it writes. */
abstract class CommandLineTest {
    @TempDir
    Path temp;

    @BeforeEach
    void haveOwnCache() {
        System.setProperty("sallyport.cache", temp.resolve("cache").toString());
    }

    @AfterEach
    void forgetCache() {
        System.clearProperty("sallyport.cache");
    }

    /** What came of a command line. */
    record Outcome(int status, String out, String err) {}

    static Outcome run(String... args) {
        return runWith("", args);
    }

    static Outcome runWith(String input, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        ByteArrayInputStream in = new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8));
        int status = Main.run(in, out, err, args);
        return new Outcome(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** A file with that text; its path. */
    String file(String name, String text) {
        try {
            return Files.writeString(temp.resolve(name), text).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
