package org.sallyport.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.ServiceLoader;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.sallyport.LimitExceededException;
import org.sallyport.LoadLimits;
import org.sallyport.MalformedModuleException;
import org.sallyport.TextFormatException;
import org.sallyport.spi.Loader;
import org.sallyport.text.wast.Script;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.WasmModule;

/** Texts that are nearly right: refused with the documented exception, or accepted and printed again. */
class MutationTest {
    private static final Loader LOADER = ServiceLoader.load(Loader.class).findFirst().orElseThrow();

    private static final WatOptions NAMES = WatOptions.DEFAULT.withNames(true);

    private static final String MODULE = """
            (module $m (@name "M") (@custom "c" (after type) "\\00\\u{41}" "x")
              (type $s (sub (struct (field $x (mut i32)) (field i8 f64))))
              (rec (type $t (sub $s (struct (field $x (mut i32)) (field i8 f64) (field (ref null $u)))))
                (type $u (array (mut i16)))) (type $f (func (param i32) (result i64)))
              (import "a" "b" (func $i (type $f))) (global $imported (import "a" "g") (mut i64)) (tag $e (param i32))
              (memory $mem i64 1 2 shared) (memory (pagesize 1) (data "abc"))
              (table $tab 0 10 (ref null $f) (ref.null $f))
              (table i64 funcref (elem $i $g)) (global $gl v128 (v128.const f32x4 1 -0x1.8p-3 nan:0x200000 inf))
              (elem $el (table $tab) (offset i32.const 0) (ref null $f) (ref.func $g) (item ref.null $f))
              (elem declare func $g)
              (data $d (memory $mem) (i64.const 0) "\\ff\\t" "\\"") (export "e" (func $g)) (start $st) (func $st)
              (func $g (export "g") (type $f) (param $p i32) (result i64) (local $l i64) (local f32 f64)
                (block $b (result i64) (@metadata.code.branch_hint "\\01") (if $q (result i64) (local.get $p)
                  (then (br_table $b $q 0 (i64.const -5) (i32.const 1))) (else (call $i (i32.const 7)))))
                (try $try (param i64) (result i64) (do (try (result i64) (do (i64.const 1)) (delegate $try)))
                  (catch $e (drop) (rethrow $try)) (catch_all (i64.const 2)))
                try $t2 catch $e drop catch_all try delegate $t2 rethrow $t2 end $t2
                (try_table (param i64) (result i64) (catch $e 0) (catch_all_ref 0))
                loop $lp (param i64) (result i64) i32.const 1 if $z br $lp else $z end $z end $lp
                (i32.store $mem offset=4 align=2 (i64.const 0) (struct.get $t $x (struct.new_default $t)))
                (drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31 (global.get $gl) (global.get $gl)))
                (drop (select (result (ref null $u)) (ref.null $u) (ref.null none) (i32.const 0)))
                (v128.store8_lane 1 offset=0xff 3 (i32.const 0) (global.get $gl)) (memory.init $mem $d (i64.const 0)
                  (i32.const 0) (i32.const 0)) (drop (br_on_cast 0 anyref (ref $s) (array.new_fixed $u 0))) drop
                (return_call_indirect $tab (param i32) (result i64) (local.get 0) (i32.const 0))))""";

    private static final String SCRIPT = """
            (module definition $d binary "\\00asm" "\\01\\00\\00\\00") (module instance $i $d) (module quote "(func)" )
            (register "a" $i) (assert_return (invoke $i "f" (i32.const 1) (ref.null func) (ref.extern 2)
              (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)) (f32.const nan:canonical)
              (either (i64.const 1) (f64.const nan:arithmetic)) (ref.func) (ref.null))
            (assert_trap (invoke "f") "unreachable") (assert_trap (module (func)) "x")
            (assert_exhaustion (invoke "f") "c") (assert_exception (invoke "f"))
            (assert_malformed (module quote "(") "u") (assert_invalid (module (func drop)) "t")
            (assert_unlinkable (module (func)) "x") (thread $t (shared (module $i)) (invoke "f")) (wait $t) (get "g")
            (assert_return (invoke "v") (v128.const f32x4 0 nan:canonical 1 nan:arithmetic))""";

    /** Pairs of numbers say what to do: where, and delete, double, swap with the next, cut, or overwrite a byte. */
    private static byte[] mutate(String text, List<Integer> changes) {
        List<String> tokens = new ArrayList<>(Arrays.asList(text.split("(?<=[\\s()])|(?=[\\s()])")));
        for (int i = 0; i + 1 < changes.size(); i += 2) {
            int at = Math.floorMod(changes.get(i), tokens.size() - 1);
            switch (Math.floorMod(changes.get(i + 1), 5)) {
                case 0 -> tokens.remove(at);
                case 1 -> tokens.add(at, tokens.get(Math.floorMod(changes.get(i + 1), tokens.size())));
                case 2 -> tokens.set(at, tokens.set(at + 1, tokens.get(at)));
                case 3 -> tokens.set(at, tokens.get(at).substring(tokens.get(at).length() / 2));
                default -> tokens.set(at, tokens.get(at) + (char) (changes.get(i + 1) >>> 8 & 0x7F));
            }
        }
        byte[] bytes = String.join("", tokens).getBytes(StandardCharsets.UTF_8);
        if (changes.size() % 2 == 1 && bytes.length > 0) {
            bytes[Math.floorMod(changes.getLast(), bytes.length)] = (byte) (changes.getLast() >>> 16);
        }
        return bytes;
    }

    private static WasmModule load(byte[] binary) {
        return LOADER.load(binary, EnumSet.allOf(Feature.class), LoadLimits.DEFAULT);
    }

    private static byte[] printed(WasmModule module) {
        byte[] text = Wat.print(module).getBytes(StandardCharsets.UTF_8);
        return Wat.compile(text, "printed", NAMES);
    }

    @Property(tries = 3000)
    void modules(@ForAll @Size(min = 1, max = 7) List<Integer> changes) {
        WasmModule module;
        try {
            WatOptions options = changes.size() % 3 == 0 ? NAMES : WatOptions.DEFAULT;
            module = load(Wat.compile(mutate(MODULE, changes), "mutant", options));
        } catch (TextFormatException | MalformedModuleException | LimitExceededException e) {
            assertThat(e.getMessage()).isNotBlank();
            return;
        }
        byte[] again = printed(module);
        assertThat(printed(load(again))).isEqualTo(again);
    }

    @Property(tries = 3000)
    void scripts(@ForAll @Size(min = 1, max = 7) List<Integer> changes) {
        try {
            Script script = Script.parse(mutate(SCRIPT, changes), "mutant", WatOptions.DEFAULT);
            assertThat(script.commands()).isNotNull();
        } catch (TextFormatException e) {
            assertThat(e.line()).isPositive();
        }
    }

    @Test
    void theOriginalsAreRight() {
        byte[] binary = Wat.compile(MODULE);
        assertThat(printed(load(binary))).isEqualTo(binary);
        Script script = Script.parse(SCRIPT.getBytes(StandardCharsets.UTF_8), "s", WatOptions.DEFAULT);
        assertThat(script.commands()).hasSize(16);
    }
}
