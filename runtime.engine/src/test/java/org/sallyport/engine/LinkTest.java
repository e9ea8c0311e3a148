package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.sallyport.Caller;
import org.sallyport.Extern;
import org.sallyport.Func;
import org.sallyport.Instance;
import org.sallyport.LinkException;
import org.sallyport.Memory;
import org.sallyport.Module;
import org.sallyport.NoSuchExportException;
import org.sallyport.Store;
import org.sallyport.StoreClosedException;
import org.sallyport.TrapException;
import org.sallyport.V128;
import org.sallyport.WasmName;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.GlobalType;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.TableType;

class LinkTest {
    private final Fixture f = new Fixture();

    @AfterEach
    void close() {
        f.close();
    }

    private static MethodHandle handle(String name, Class<?> result, Class<?>... params) {
        try {
            return MethodHandles.lookup().findStatic(LinkTest.class, name, MethodType.methodType(result, params));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    @SuppressWarnings("unused")
    private static double mixed(int a, long b, float c, double d) {
        return (double) a + b + c + d;
    }

    @SuppressWarnings("unused")
    private static int many(
            Caller caller, long a, long b, long c, long d, long e, long f, long g, long h, long i, float x) {
        long sum = a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i;
        return (int) (sum + x + caller.memory().byteSize());
    }

    /** A host contract. */
    public interface Host {
        int twice(int x);

        @WasmName("to-float")
        float toFloat(Caller caller, long x);

        default int ignored() {
            return 0;
        }
    }

    @Test
    void callsHostFunctionsOfAllTypes() {
        f.linker.define("h", "mixed", handle("mixed", double.class, int.class, long.class, float.class, double.class));
        f.linker.define("h", "many", handle(
                "many", int.class, Caller.class, long.class, long.class, long.class, long.class, long.class, long.class,
                long.class, long.class, long.class, float.class));
        Instance instance = f.instantiate("""
                (module
                  (import "h" "mixed" (func $mixed (param i32 i64 f32 f64) (result f64)))
                  (import "h" "many" (func $many (param i64 i64 i64 i64 i64 i64 i64 i64 i64 f32) (result i32)))
                  (memory (export "m") 1)
                  (func (export "mixed") (param i32 i64 f32 f64) (result f64)
                    (call $mixed (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
                  (func (export "many") (result i32)
                    (call $many (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6)
                      (i64.const 7) (i64.const 8) (i64.const 9) (f32.const 0.5))))
                """);
        assertThat(instance.func("mixed").call(-1, 1L << 40, 0.5f, 0.25)).containsExactly((1L << 40) - 0.25);
        assertThat(instance.func("many").call()).containsExactly(285 + 65536);
    }

    @Test
    void bindsInterfaces() {
        f.linker.define("host", Host.class, new Host() {
            @Override
            public int twice(int x) {
                return 2 * x;
            }

            @Override
            public float toFloat(Caller caller, long x) {
                return x / 2f;
            }
        });
        Instance instance = f.instantiate("""
                (module
                  (import "host" "twice" (func $twice (param i32) (result i32)))
                  (import "host" "to-float" (func $float (param i64) (result f32)))
                  (func (export "f") (param i32) (result f32)
                    (call $float (i64.extend_i32_s (call $twice (local.get 0))))))
                """);
        assertThat(instance.func("f").call(-7)).containsExactly(-7f);
    }

    @Test
    void hostFunctionsOverBoxedValues() {
        FuncType type = new FuncType(
                List.of(NumType.I32, NumType.I64), List.of(NumType.I64, NumType.I32));
        f.linker.define("h", "swap", type, (_, args) -> new Object[] {args[1], args[0]});
        Instance instance = f.instantiate("""
                (module (import "h" "swap" (func $swap (param i32 i64) (result i64 i32)))
                  (func (export "f") (param i32 i64) (result i64 i32) (call $swap (local.get 0) (local.get 1)))
                  (export "swap" (func $swap)))
                """);
        assertThat(instance.func("f").call(1, 2L)).containsExactly(2L, 1);
        assertThat(instance.func("swap").call(1, 2L)).containsExactly(2L, 1);
        f.linker.define("h", "swap", type, (_, _) -> new Object[] {1L});
        Instance wrong = f.linker.link(instance.module()).instantiate(f.store);
        assertThatThrownBy(() -> wrong.func("f").call(1, 2L)).hasMessageContaining("must return 2 values");
        f.linker.define("h", "swap", type, (_, _) -> new Object[] {1, 1});
        Instance mistyped = f.linker.link(instance.module()).instantiate(f.store);
        assertThatThrownBy(() -> mistyped.func("f").call(1, 2L)).hasMessageContaining("i64 wants Long");
    }

    @Test
    void namesEveryGapWithTheNearestCandidate() {
        MethodHandle mixed = handle("mixed", double.class, int.class, long.class, float.class, double.class);
        f.linker.define("env", "print", mixed);
        f.linker.define("sys", "exit", FuncType.EMPTY, (_, _) -> new Object[0]);
        f.linker.define("env", "memory", f.store.newMemory(MemoryType.of(Limits.between(1, 2))));
        Module module = f.compile("""
                (module $app
                  (import "env" "prnt" (func (param i32)))
                  (import "env" "print" (func (param i32)))
                  (import "env" "exit" (func))
                  (import "evn" "x" (func))
                  (import "env" "memory" (memory 2))
                  (import "env" "memory" (memory 1 1))
                  (import "env" "memory" (memory 1 2)))
                """);
        assertThatThrownBy(() -> f.linker.link(module)).isInstanceOfSatisfying(LinkException.class, e -> {
            assertThat(e.gaps()).hasSize(6);
            assertThat(e).hasMessage("""
                    unknown import: "env" "prnt": func (i32) -> () is not defined; did you mean "print"? (and 5 more)
                      in app
                      incompatible import type: "env" "print": func (i32) -> (), found func (i32 i64 f32 f64) -> (f64)
                      unknown import: "env" "exit": func () -> () is not defined; module "sys" has a "exit"
                      unknown import: "evn" "x": func () -> () is not defined; nothing is defined in module "evn"; \
                    did you mean "env"?
                      incompatible import type: "env" "memory": memory min 2 pages of 65536 bytes, \
                    found memory min 1 max 2 pages of 65536 bytes
                      incompatible import type: "env" "memory": memory min 1 max 1 pages of 65536 bytes, \
                    found memory min 1 max 2 pages of 65536 bytes\
                    """);
        });
    }

    @Test
    void namesTheArtefactThatHasWasi() {
        Module module = f.compile("(module (import \"wasi_snapshot_preview1\" \"proc_exit\" (func (param i32))))");
        assertThatThrownBy(() -> f.linker.link(module))
                .isInstanceOf(LinkException.class)
                .hasMessageContaining("Wasi.defaults().addTo(linker), of org.sallyport:org.sallyport.wasi");
    }

    @Test
    void refusesWhatHasNoType() {
        assertThatThrownBy(() -> f.linker.define("h", "s", MethodHandles.constant(StringBuilder.class, null)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("h.s: java.lang.StringBuilder has no wasm counterpart; use int, long");
        var strict = f.engine.newLinker().define("a", "b", FuncType.EMPTY, (_, _) -> new Object[0]);
        assertThatThrownBy(() -> strict.define("a", "b", FuncType.EMPTY, (_, _) -> new Object[0]))
                .hasMessageContaining("defined already");
    }

    @Test
    void oneHostServesManyStoresAndLinksAreReusable() {
        f.linker.define("h", "mixed", handle("mixed", double.class, int.class, long.class, float.class, double.class));
        var linked = f.linker.link(f.compile("""
                (module (import "h" "mixed" (func $m (param i32 i64 f32 f64) (result f64)))
                  (global $n (export "n") (mut i32) (i32.const 0))
                  (func (export "f") (result f64)
                    (global.set $n (i32.add (global.get $n) (i32.const 1)))
                    (call $m (global.get $n) (i64.const 0) (f32.const 0) (f64.const 0))))
                """));
        for (int i = 0; i < 20; i++) {
            try (Store store = f.engine.newStore()) {
                Instance instance = linked.instantiate(store);
                assertThat(instance.func("f").call()).containsExactly(1.0);
                assertThat(instance.func("f").call()).containsExactly(2.0);
                assertThat(instance.global("n").get()).isEqualTo(2);
            }
        }
    }

    @Test
    void instancesShareWhatTheyImport() {
        Instance a = f.instantiate("""
                (module $a (memory (export "m") 1) (table (export "t") 2 funcref)
                  (global (export "g") (mut i32) (i32.const 5))
                  (func $f (export "f") (param i32) (result i32)
                    (i32.store (i32.const 0) (local.get 0)) (global.get 0))
                  (elem (i32.const 1) $f))
                """);
        f.linker.define("a", a);
        Instance b = f.instantiate("""
                (module $b (import "a" "f" (func $f (param i32) (result i32)))
                  (import "a" "m" (memory 1)) (import "a" "t" (table 2 funcref)) (import "a" "g" (global $g (mut i32)))
                  (memory $own 1)
                  (type $t (func (param i32) (result i32)))
                  (func (export "direct") (param i32) (result i32)
                    (global.set $g (i32.const 9)) (i32.store (i32.const 4) (i32.const 77)) (call $f (local.get 0)))
                  (func (export "indirect") (param i32) (result i32)
                    (call_indirect (type $t) (local.get 0) (i32.const 1)))
                  (export "again" (func $f)))
                """);
        assertThat(b.func("direct").call(42)).containsExactly(9);
        assertThat(a.memory("m").getInt(0)).isEqualTo(42);
        assertThat(a.memory("m").getInt(4)).isEqualTo(77);
        assertThat(b.func("indirect").call(43)).containsExactly(9);
        assertThat(a.memory("m").getInt(0)).isEqualTo(43);
        assertThat(b.func("again")).isSameAs(a.func("f"));
        assertThat(a.table("t").get(1)).isSameAs(a.func("f"));
    }

    @Test
    void refusesObjectsOfOtherStoresAndEngines() {
        Store other = f.engine.newStore();
        Memory foreign = other.newMemory(MemoryType.of(Limits.atLeast(1)));
        f.linker.define("x", "m", foreign);
        var linked = f.linker.link(f.compile("(module (import \"x\" \"m\" (memory 1)))"));
        assertThatThrownBy(() -> linked.instantiate(f.store)).isInstanceOf(IllegalArgumentException.class);
        linked.instantiate(other);
        try (Fixture second = new Fixture()) {
            assertThatThrownBy(() -> second.linker.define("x", "m", foreign))
                    .isInstanceOf(IllegalArgumentException.class);
            Module module = second.compile("(module)");
            assertThatThrownBy(() -> f.linker.link(module)).isInstanceOf(IllegalArgumentException.class);
            var link = second.linker.link(module);
            assertThatThrownBy(() -> link.instantiate(f.store)).isInstanceOf(IllegalArgumentException.class);
        }
        Func func = other.newFunc(FuncType.EMPTY, (_, _) -> new Object[0]);
        Instance instance = f.instantiate(
                "(module (table (export \"t\") 1 funcref) (func (export \"f\") (param funcref)))");
        assertThatThrownBy(() -> instance.table("t").set(0, func)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> instance.func("f").call(func)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> instance.func("f").call("x")).hasMessageContaining("wants a Func");
        assertThatThrownBy(() -> instance.func("f").handle().invoke(func)).isInstanceOf(IllegalArgumentException.class);
        instance.func("f").call((Object) null);
    }

    @Test
    void aCallerEndsWithTheHostFunction() {
        Caller[] kept = new Caller[1];
        f.linker.define("h", "keep", FuncType.EMPTY, (caller, _) -> {
            kept[0] = caller;
            assertThat(caller.store()).isSameAs(f.store);
            assertThat(caller.export("nothing")).isEmpty();
            assertThat(caller.func("f").name()).isEqualTo("f");
            assertThatThrownBy(caller::memory).isInstanceOf(NoSuchExportException.class);
            return new Object[0];
        });
        Instance instance = f.instantiate("(module (import \"h\" \"keep\" (func $k)) (func (export \"f\") (call $k)))");
        instance.func("f").call();
        assertThatThrownBy(() -> kept[0].store()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> kept[0].func("f")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void startFunctionsRunAndTrap() {
        int[] calls = new int[1];
        f.linker.define("h", "count", FuncType.EMPTY, (_, _) -> {
            calls[0]++;
            return new Object[0];
        });
        f.instantiate("(module (import \"h\" \"count\" (func $c)) (start $c))");
        f.instantiate("(module (import \"h\" \"count\" (func $c)) (func $s (call $c) (call $c)) (start $s))");
        assertThat(calls[0]).isEqualTo(3);
        Memory memory = f.store.newMemory(MemoryType.of(Limits.atLeast(1)));
        f.linker.define("h", "m", memory);
        Module module = f.compile("""
                (module $late (import "h" "m" (memory 1)) (data (i32.const 0) "before") (data (i32.const 65535) "xx"))
                """);
        assertThatThrownBy(() -> f.linker.link(module).instantiate(f.store))
                .isInstanceOf(TrapException.class)
                .hasMessage("out of bounds memory access: data segment 1");
        assertThat(memory.readString(0, 6)).as("earlier segments stay").isEqualTo("before");
        assertThatThrownBy(() -> f.instantiate("(module $s (func $s unreachable) (start $s))"))
                .isInstanceOfSatisfying(TrapException.class, e -> assertThat(e.frames()).hasSize(1));
        assertThat(f.instantiate("(module (func (export \"ok\") (result i32) (i32.const 1)))").func("ok").call())
                .containsExactly(1);
    }

    @Test
    void startFunctionsThatCallBackKeepTheStoreInOrder() {
        f.linker.define("h", "again", new FuncType(List.of(NumType.I32), List.of(NumType.I32)), (caller, args) -> {
            int n = (int) args[0];
            return new Object[] {n == 0 ? 0 : 1 + (int) caller.func("f").call(n - 1)[0]};
        });
        Instance instance = f.instantiate("""
                (module (import "h" "again" (func $a (param i32) (result i32)))
                  (global $r (export "r") (mut i32) (i32.const 0))
                  (func $f (export "f") (param i32) (result i32) (call $a (local.get 0)))
                  (func $s (global.set $r (call $f (i32.const 10))))
                  (start $s))
                """);
        assertThat(instance.global("r").get()).isEqualTo(10);
        assertThat(instance.func("f").call(5)).containsExactly(5);
    }

    @Test
    void closedModulesStayWhileStoresUseThem() {
        Module module = f.compile("(module (func (export \"f\") (result i32) (i32.const 3)))");
        var linked = f.linker.link(module);
        Instance instance = linked.instantiate(f.store);
        module.close();
        module.close();
        assertThat(instance.func("f").call()).containsExactly(3);
        linked.instantiate(f.store);
        try (Store other = f.engine.newStore()) {
            assertThatThrownBy(() -> linked.instantiate(other)).isInstanceOf(StoreClosedException.class);
        }
        f.store.close();
        assertThat(Natives.of(f.engine).codeSpace().moduleAt(Natives.code(instance.func("f")))).isNull();
        assertThatThrownBy(() -> instance.func("f").call()).isInstanceOf(StoreClosedException.class);
    }

    @Test
    void exportsAreFoundByKind() {
        Instance instance = f.instantiate("""
                (module $m (func (export "run")) (memory (export "memory") 1)
                  (global (export "g") v128 (v128.const i64x2 1 2)))
                """);
        assertThat(instance.exportNames()).containsExactly("run", "memory", "g");
        assertThatThrownBy(() -> instance.func("ran"))
                .isInstanceOf(NoSuchExportException.class)
                .hasMessage("m exports no function \"ran\"; did you mean \"run\"?");
        assertThatThrownBy(() -> instance.func("memory")).hasMessageContaining("is no function but a memory");
        assertThat(instance.global("g").get()).isEqualTo(new V128(1, 2));
        assertThatThrownBy(() -> instance.global("g").set(new V128(0, 0)))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThat(instance.export("run")).containsSame(instance.func("run"));
        var made = f.store.newGlobal(new GlobalType(NumType.F64, true), 2.5);
        made.set(-0.5);
        assertThat(made.get()).isEqualTo(-0.5);
        assertThatThrownBy(() -> made.set(1)).isInstanceOf(IllegalArgumentException.class);
    }

    /** What does not match reads differently, or the error says what differs. */
    @Test
    void typesThatDoNotMatchLookDifferent() {
        MemoryType bytes = new MemoryType(AddressType.I32, Limits.atLeast(0), false, 0);
        assertThat(gap("(memory 0)", f.store.newMemory(bytes)))
                .contains("\"x\": memory min 0 pages of 65536 bytes, found memory min 0 pages of 1 byte");
        MemoryType wide = new MemoryType(AddressType.I64, Limits.between(0, 9), false, 16);
        assertThat(gap("(memory 0 9)", f.store.newMemory(wide)))
                .contains("memory min 0 max 9 pages of 65536 bytes, found memory i64 min 0 max 9 pages");
        MemoryType shared = new MemoryType(AddressType.I32, Limits.between(0, 9), true, 16);
        assertThat(gap("(memory 0 9)", f.store.newMemory(shared)))
                .contains("found memory min 0 max 9 pages of 65536 bytes shared");
        TableType table64 = new TableType(AddressType.I64, Limits.atLeast(1), RefType.FUNCREF);
        assertThat(gap("(table 1 funcref)", f.store.newTable(table64, null)))
                .contains("table min 1 funcref, found table i64 min 1 funcref");
        assertThat(gap("(global i32)", f.store.newGlobal(new GlobalType(NumType.I32, true), 0)))
                .contains("global i32, found global (mut i32)");
    }

    @Test
    void definitionsThatReadAlikeAreToldApart() {
        Instance open = f.instantiate("(module (type $t (sub (func (param i32)))) (func (export \"x\") (type $t)))");
        assertThat(gap("(func (param i32))", open.func("x")))
                .contains("func (i32) -> (), found func (i32) -> (); the types differ as definitions: wanted number ")
                .containsPattern("wanted number \\d+, final, found number \\d+, open");
        Instance member = f.instantiate("""
                (module (rec (type (func)) (type $t (func (param i32)))) (func (export "x") (type $t))
                  (tag (export "tag") (type $t)))
                """);
        assertThat(gap("(func (param i32))", member.func("x"))).contains("member 1 of a group of 2");
        assertThat(gap("(tag (param i32))", member.export("tag").orElseThrow()))
                .contains("tag (i32) -> (), found tag (i32) -> ()", "member 1 of a group of 2");
        String many = " i64".repeat(500);
        Instance longer = f.instantiate("(module (func (export \"x\") (param" + many + " f32)))");
        assertThat(gap("(func (param" + many + " f64))", longer.func("x")))
                .contains("… 501 in all")
                .contains("the types differ in parameter 500: wanted f64, found f32");
    }

    private String gap(String wanted, Extern found) {
        f.linker.define("m", "x", found);
        Module module = f.compile("(module (import \"m\" \"x\" " + wanted + "))");
        try {
            f.linker.link(module);
            throw new AssertionError("it fits");
        } catch (LinkException e) {
            return e.getMessage();
        }
    }
}
