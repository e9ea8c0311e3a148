package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.sallyport.wasi.Wasi;

/** What is written otherwise where people watch. */
class TerminalOutputTest extends CommandLineTest {
    private static final String TRAP = "(module $m (func $f (export \"f\") unreachable))";

    private static Streams streams(ByteArrayOutputStream out, ByteArrayOutputStream err, boolean painted) {
        return new Streams(out, new Paint(painted), err, new Paint(painted)) {
            @Override
            InputStream in() {
                return InputStream.nullInputStream();
            }

            @Override
            Wasi give(Wasi wasi) {
                return wasi;
            }
        };
    }

    @Test
    void coloursAreForTerminalsThatHaveAndWantThem() {
        assertThat(Paint.on(true, null, "xterm").on()).isTrue();
        assertThat(Paint.on(true, "", null).on()).isTrue();
        assertThat(Paint.on(false, null, "xterm").on()).isFalse();
        assertThat(Paint.on(true, "1", "xterm").on()).isFalse();
        assertThat(Paint.on(true, null, "dumb").on()).isFalse();
    }

    @Test
    void messagesFramesAndHelpAreColouredThere() {
        String file = file("m.wat", TRAP);
        for (boolean painted : new boolean[] {true, false}) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            new Main(streams(out, err, painted)).run(new String[] {"--invoke", "f", file});
            new Main(streams(out, err, painted)).run(new String[] {"run", "--help"});
            String text = err.toString(StandardCharsets.UTF_8);
            assertThat(text.contains("\u001b[1;31msallyport:\u001b[0m trap: unreachable\n\u001b[2m  at m!f")).isEqualTo(painted);
            assertThat(text.contains("\u001b")).isEqualTo(painted);
            assertThat(out.toString(StandardCharsets.UTF_8).contains("\u001b")).isEqualTo(painted);
        }
    }

    @Test
    void longWorkIsShownAndItsLineGoesAgain() throws Exception {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Streams streams = streams(new ByteArrayOutputStream(), err, true);
        try (LongWork _ = LongWork.begin("compiling a.wasm", streams, 1)) {
            while (!err.toString(StandardCharsets.UTF_8).contains("compiling a.wasm: 0 s")) {
                Thread.sleep(1);
            }
        }
        assertThat(err.toString(StandardCharsets.UTF_8)).endsWith("\r\u001b[K");
    }

    @Test
    void shortWorkAndOtherStreamsShowNothing() {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        LongWork.begin("compiling", streams(err, err, true), 1_000_000).close();
        LongWork.begin("compiling", streams(err, err, false), 1).close();
        assertThat(err.size()).isZero();
    }
}
