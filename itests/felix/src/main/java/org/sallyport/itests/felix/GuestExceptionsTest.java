package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.acme.itests.Adder;
import com.acme.itests.Gate;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.sallyport.GuestFrame;
import org.sallyport.HostFunctionException;
import org.sallyport.LimitExceededException;
import org.sallyport.WasmException;
import org.sallyport.host.PluginState;
import org.sallyport.text.Wat;

/** Exceptions of plugins reach applications, and those of the host reach no plugin: {@code docs/plugin-abi.md}. */
class GuestExceptionsTest extends PluginTest {
    /** Throws and catches for 0, throws what nobody catches for less, passes the gate under a handler otherwise. */
    private static final byte[] THROWER = Wat.compile("""
            (module $thrower
              (import "gate" "pass" (func $pass (param i32) (result i32)))
              (tag $e (param i32 f64))
              (global $calls (mut i32) (i32.const 0))
              (func $toss (export "toss") (param i32) (throw $e (local.get 0) (f64.const 0.5)))
              (func (export "add") (param $a i32) (param $b i32) (result i32)
                (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
                (if (i32.lt_s (local.get $a) (i32.const 0)) (then (call $toss (local.get $b))))
                (block $caught
                  (try_table (catch_all $caught)
                    (if (i32.eqz (local.get $a)) (then (call $toss (i32.const 0))))
                    (return (i32.add (call $pass (local.get $a)) (local.get $b))))
                  (unreachable))
                (i32.sub (i32.const 0) (global.get $calls))))
            """);
    /** Keeps as many exceptions as it is asked to. */
    private static final byte[] KEEPER = Wat.compile("""
            (module $keeper
              (tag $e)
              (table $kept 0 exnref)
              (func (export "add") (param $n i32) (param $b i32) (result i32)
                (loop $more
                  (drop (table.grow $kept
                    (block $caught (result exnref) (try_table (catch_all_ref $caught) (throw $e)) (unreachable))
                    (i32.const 1)))
                  (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                (table.size $kept)))
            """);

    private final List<Integer> passed = new CopyOnWriteArrayList<>();

    private Adder adder(byte[] wasm, String attributes, Object... grant) throws Exception {
        offer("gate", Gate.class, ticket -> {
            passed.add(ticket);
            if (ticket == 13) {
                throw new IllegalStateException("unlucky");
            }
            return ticket;
        });
        grant("adder", "(sallyport.module=gate)", grant);
        start("adder", services(Adder.class) + attributes, wasm);
        return service(Adder.class, "adder");
    }

    @Test
    void anUncaughtOneIsAnAnswerToTheApplication() throws Exception {
        Adder adder = adder(THROWER, ";max-traps=1;pool=1");
        for (int i = 0; i < 5; i++) {
            WasmException e = catchThrowableOfType(WasmException.class, () -> adder.add(-1, 7));
            assertThat(e.values()).containsExactly(7, 0.5);
            assertThat(e.tag().type().params()).hasSize(2);
            assertThat(e.frames()).extracting(GuestFrame::functionName).containsExactly("toss", "add");
            assertThat(adder.add(0, 0)).as("caught in the first call of a fresh instance").isEqualTo(-1);
            assertThat(adder.add(0, 0)).as("which lives on, because it was caught").isEqualTo(-2);
        }
        assertThat(plugin("adder").counters().traps()).isZero();
        assertThat(plugin("adder").counters().instances()).isEqualTo(1);
        assertThat(plugin("adder").state()).isEqualTo(PluginState.ACTIVE);
    }

    @Test
    void noHandlerSeesWhatAServiceThrows() throws Exception {
        Adder adder = adder(THROWER, ";pool=1");
        assertThat(adder.add(12, 1)).isEqualTo(13);
        assertThatThrownBy(() -> adder.add(13, 1))
                .isInstanceOf(HostFunctionException.class)
                .hasCauseInstanceOf(IllegalStateException.class)
                .hasMessageContaining("unlucky");
        assertThat(passed).containsExactly(12, 13);
        assertThat(adder.add(0, 0)).as("a fresh instance").isEqualTo(-1);
    }

    @Test
    void whatItRefersToIsLimited() throws Exception {
        Adder adder = adder(KEEPER, ";pool=1", "exceptions", 1L << 16);
        assertThat(plugin("adder").rights()).containsEntry("exceptions", 1L << 16);
        assertThat(adder.add(100, 0)).isEqualTo(100);
        assertThatThrownBy(() -> adder.add(10_000, 0))
                .isInstanceOf(LimitExceededException.class)
                .hasMessageContaining("bytes of live exceptions");
        assertThat(adder.add(100, 0)).as("a fresh instance").isEqualTo(100);
    }
}
