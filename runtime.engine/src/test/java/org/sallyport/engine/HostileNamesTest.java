package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.GuestFrame;
import org.sallyport.HostFunctionException;
import org.sallyport.Instance;
import org.sallyport.LinkException;
import org.sallyport.Module;
import org.sallyport.NoSuchExportException;
import org.sallyport.TrapException;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.Printable;

/** Names that modules choose end up in messages, backtraces and logs: printable, on one line, and cut. */
class HostileNamesTest {
    private static final String ESCAPE = "\\1b[31m\\0a\\0dERROR forged\\e2\\80\\ae\\c2\\9b\\7f";
    private static final String RAW = "\u001B[31m\n\rERROR forged\u202E\u009B\u007F";

    private final Fixture f = new Fixture();

    @AfterEach
    void close() {
        f.close();
    }

    private static void assertPrintable(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        assertThat(text.toString().codePoints())
                .allMatch(c -> c == '\n' || c == '\t' || Printable.isPrintable(c));
        assertThat(text.toString().lines()).noneMatch(line -> line.strip().startsWith("ERROR"));
        assertThat(failure.getMessage()).hasSizeLessThanOrEqualTo(Printable.MESSAGE);
    }

    @Test
    void inBacktraces() {
        Instance instance = f.instantiate("""
                (module $"M" (func $"F" (export "run") unreachable) (func (export "F") unreachable)
                  (func (export "L") unreachable))
                """
                .replace("M", "m" + ESCAPE).replace("F", "f" + ESCAPE).replace("L", "l".repeat(90_000)));
        for (String function : instance.exportNames()) {
            TrapException trap = (TrapException) catchThrowable(() -> instance.func(function).call());
            assertPrintable(trap);
            GuestFrame frame = trap.frames().getFirst();
            assertThat(frame.functionName()).hasSizeLessThanOrEqualTo(Printable.NAME);
            assertThat(frame.toString()).hasSizeLessThan(2 * Printable.NAME + 20).contains("\\u{1b}[31m");
            assertThat(instance.func(function).name()).isEqualTo(frame.functionName());
        }
        assertThat(instance.module().name()).isEqualTo(Printable.name("m" + RAW));
    }

    @Test
    void inLinkErrors() {
        Module module = f.compile("(module (import \"M\" \"F\" (func)) (import \"M\" \"G\" (func)))"
                .replace("M", ESCAPE).replace("F", "f" + ESCAPE).replace("G", "g".repeat(90_000)));
        f.linker.define(RAW, "f" + RAW + "x", FuncType.EMPTY, (_, _) -> new Object[0]);
        Throwable failure = catchThrowable(() -> f.linker.link(module));
        assertPrintable(failure);
        LinkException.Gap gap = ((LinkException) failure).gaps().getFirst();
        assertThat(gap.wanted().name()).isEqualTo("f" + RAW);
        assertThat(gap.toString()).doesNotContain("\n").contains("did you mean").hasSizeLessThan(2000);
        f.linker.define(RAW, "f" + RAW, f.store.newGlobal(
                new org.sallyport.wasm.GlobalType(org.sallyport.wasm.NumType.I32, false), 1));
        assertPrintable(catchThrowable(() -> f.linker.link(module)));
    }

    @Test
    void inErrorsOfTheHost() {
        Instance instance = f.instantiate("(module (func (export \"F\")) (memory (export \"M\") 1))"
                .replace("F", ESCAPE).replace("M", "m" + ESCAPE));
        assertPrintable(catchThrowable(() -> instance.func(RAW + "x")));
        assertPrintable(catchThrowable(() -> instance.func("m" + RAW)));
        assertThatThrownBy(() -> instance.memory("m" + RAW + "y")).isInstanceOf(NoSuchExportException.class);
        f.linker.define(RAW, RAW, FuncType.EMPTY, (_, _) -> {
            throw new IllegalStateException(RAW);
        });
        Instance calling = f.instantiate("(module (import \"F\" \"F\" (func $f)) (func (export \"run\") (call $f)))"
                .replace("F", ESCAPE));
        HostFunctionException failure =
                (HostFunctionException) catchThrowable(() -> calling.func("run").call());
        assertThat(failure.getMessage().codePoints()).allMatch(Printable::isPrintable);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "(module (func (export \"F\")) (export \"F\" (func 0)))",
        "(module (import \"F\" \"F\" (func (type 7))))",
        "(module (func $\"F\" (result i32)))",
    })
    void inErrorsOfModules(String wat) {
        Throwable failure = catchThrowable(() -> f.compile(wat.replace("F", ESCAPE)));
        assertThat(failure).isNotNull();
        assertPrintable(failure);
    }

    @Test
    void frameNamesAreCheckedWhoeverMakesThem() {
        GuestFrame frame = new GuestFrame(RAW, 1, RAW, 2);
        assertThat(List.of(frame.module(), frame.functionName(), frame.toString())).allSatisfy(
                text -> assertThat(text.codePoints()).allMatch(Printable::isPrintable));
    }
}
