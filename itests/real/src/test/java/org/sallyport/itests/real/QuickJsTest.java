package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.CallContext;
import org.sallyport.Engine;
import org.sallyport.GuestInterruptedException;
import org.sallyport.Module;
import org.sallyport.StoreClosedException;
import org.sallyport.itests.inputs.RealInputs;
import org.sallyport.itests.real.QuickJs.JsException;

/** A whole JavaScript engine: deep recursion, big switches, indirect calls, floating point, a real heap. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class QuickJsTest {
    private Engine engine;
    private Module module;

    @BeforeAll
    void compile() {
        engine = Engine.create();
        module = engine.compile(RealInputs.quickjs(), "quickjs.wasm");
    }

    @AfterAll
    void close() {
        if (engine != null) {
            engine.close();
        }
    }

    private QuickJs start() {
        return new QuickJs(engine, module, new ByteArrayOutputStream());
    }

    /** Results are those of V8, except that nothing of JavaScript's own freedom (stack depth, messages) is compared. */
    @ParameterizedTest
    @ValueSource(strings = {"arithmetic", "strings", "closures", "json", "regexp", "exceptions", "benchmark"})
    void evaluatesLikeAnyJavaScriptEngine(String program) {
        try (QuickJs js = start()) {
            long start = System.nanoTime();
            assertThat(js.eval(Texts.read("quickjs/" + program + ".js")))
                    .isEqualTo(Texts.read("quickjs/" + program + ".out"));
            System.out.printf("quickjs %-10s %5d ms%n", program, (System.nanoTime() - start) / 1_000_000);
        }
    }

    @Test
    void javaScriptExceptionsComeOut() {
        try (QuickJs js = start()) {
            assertThatThrownBy(() -> js.eval("throw new TypeError('no')"))
                    .isInstanceOf(JsException.class)
                    .hasMessage("TypeError: no");
            assertThatThrownBy(() -> js.eval("let x = ;"))
                    .isInstanceOf(JsException.class)
                    .hasMessageStartingWith("SyntaxError");
            assertThat(js.eval("1 + 1")).isEqualTo("2");
        }
    }

    @Test
    void callsJavaAndJavaMayRefuse() {
        try (QuickJs js = start()) {
            js.define("join", args -> String.join("+", args));
            js.define("refuse", args -> {
                throw new IllegalArgumentException("not " + args.getFirst());
            });

            assertThat(js.eval("[1, 'é', [2, 3]].map(x => join(x, x)).join(';')")).isEqualTo("1+1;é+é;2,3+2,3");
            assertThat(js.eval("try { refuse('this') } catch (e) { `caught ${e.message}` }"))
                    .isEqualTo("caught not this");
            assertThatThrownBy(() -> js.eval("refuse('that')")).hasMessage("Error: not that");
            assertThat(js.eval("let n = 0; for (let i = 0; i < 20000; i++) n += join(i, i).length; n"))
                    .isEqualTo("197780");
        }
    }

    /** JavaScript calls Java, which runs JavaScript in the same instance, which calls Java again. */
    @Test
    void nestsInBothDirections() {
        try (QuickJs js = start()) {
            js.define("evaluate", args -> js.eval(args.getFirst()));

            assertThat(js.eval("const down = n => n === 0 ? 'ground' : evaluate(`down(${n - 1})`) + n; down(20)"))
                    .isEqualTo("ground1234567891011121314151617181920");
        }
    }

    @Test
    void promisesRunWhenAsked() {
        try (QuickJs js = start()) {
            js.eval("""
                    var log = [];
                    (async () => {
                        log.push('a'); await null; log.push('c'); await Promise.all([1, 2]); log.push('d');
                    })();
                    log.push('b');
                    """);

            assertThat(js.eval("log.join()")).isEqualTo("a,b");
            assertThat(js.runJobs()).isPositive();
            assertThat(js.eval("log.join()")).isEqualTo("a,b,c,d");
        }
    }

    @Test
    void endlessLoopIsStoppedAtItsDeadline() {
        try (QuickJs js = start()) {
            js.eval("var n = 0");
            long start = System.nanoTime();

            assertThatThrownBy(() -> CallContext.withTimeout(Duration.ofMillis(200), () -> js.eval("for (;;) n++")))
                    .isInstanceOfSatisfying(GuestInterruptedException.class, e -> assertThat(e.reason())
                            .isEqualTo(GuestInterruptedException.Reason.DEADLINE));
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(199), Duration.ofMillis(1500));
            assertThatThrownBy(() -> js.eval("1")).isInstanceOf(StoreClosedException.class);
        }
    }

    @Test
    void guestAsksWhetherToGoOn() {
        try (QuickJs js = start()) {
            js.countInterruptChecks();
            js.eval("for (let i = 0; i < 300000; i++);");

            assertThat(js.interruptChecks()).isPositive();
        }
    }

    /** 64 KiB of strings, arrays and objects at a time, thrown away again: the guest's own garbage collection. */
    @Test
    void collectsItsGarbage() {
        try (QuickJs js = start()) {
            assertThat(js.eval("""
                    let kept = null, total = 0;
                    for (let round = 0; round < 200; round++) {
                        const ring = Array.from({ length: 200 }, (_, i) => ({ i, text: 'x'.repeat(i), next: null }));
                        ring.forEach((o, i) => { o.next = ring[(i + 1) % ring.length]; o.ring = ring; });
                        kept = ring[round % 200];
                        total += kept.next.text.length;
                    }
                    `${kept.i} ${total}`
                    """)).isEqualTo("199 19900");
        }
    }
}
