package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.sallyport.EntityType;
import org.sallyport.Func;
import org.sallyport.HostFunctionException;
import org.sallyport.Global;
import org.sallyport.Instance;
import org.sallyport.LimitExceededException;
import org.sallyport.LinkException;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.Table;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.GlobalType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.TableType;

/** Types that an embedder gives: what they name must exist in the engine, and stays as long as it is used. */
class HostTypesTest {
    /** Imports a function that gives a function, which it calls as {@code () -> i64} of the module's own type. */
    private static final String CALLER = """
            (module
              (type $f (func (result i64)))
              (import "m" "give" (func $give (result (ref null $f))))
              (func (export "run") (result i64) (call_ref $f (call $give))))
            """;

    private final Fixture f = new Fixture();

    @AfterEach
    void close() {
        f.close();
    }

    private static RefType ref(int number) {
        return new RefType(true, new HeapType.Concrete(number));
    }

    private static FuncType giving(int number) {
        return FuncType.of(List.of(), ref(number));
    }

    /** The number of the type of the function that the import gives. */
    private static int number(Module module) {
        EntityType.Func give = (EntityType.Func) module.imports().getFirst().type();
        return ((HeapType.Concrete) ((RefType) give.type().results().getFirst()).heap()).typeIndex();
    }

    @Test
    void anIndexIsNoNumber() {
        Module module = f.compile(CALLER);
        for (int index : new int[] {0, 1, 2, -1, Integer.MIN_VALUE}) {
            assertThatThrownBy(() -> f.linker.define("m", "give", giving(index), (_, _) -> new Object[1]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("(ref null " + index + ")")
                    .hasMessageContaining("result 0 of m.give")
                    .hasMessageContaining("Engine.typeDefinition");
        }
        assertThatThrownBy(() -> f.linker.link(module)).isInstanceOf(LinkException.class);
    }

    /** What c94ef59 took for a type of its own: the module then called a function of another type than it checked. */
    @Test
    void aRecursiveTypeOfAModuleIsNotAHosts() {
        Module module = f.compile("""
                (module
                  (rec (type $self (func (result (ref null $self)))))
                  (import "m" "give" (func (type $self))))
                """);
        assertThatThrownBy(() -> f.linker.define("m", "give", giving(0), (_, _) -> new Object[1]))
                .isInstanceOf(IllegalArgumentException.class);
        f.linker.define("m", "give", giving(number(module)), (_, _) -> new Object[1]);
        assertThatThrownBy(() -> f.linker.link(module)).isInstanceOf(LinkException.class);
    }

    @Test
    void numbersOfTheEngineWork() {
        Module module = f.compile(CALLER);
        Instance other = f.instantiate("(module (func (export \"f\") (result i64) (i64.const 42)))");
        f.linker.define("m", "give", giving(number(module)), (_, _) -> new Object[] {other.func("f")});
        Instance instance = f.linker.link(module).instantiate(f.store);
        assertThat(instance.func("run").call()).containsExactly(42L);
    }

    @Test
    void aFunctionOfAnotherTypeIsRefused() {
        Module module = f.compile(CALLER);
        Instance other = f.instantiate("(module (func (export \"f\") (param i64) (result i64) (local.get 0)))");
        f.linker.define("m", "give", giving(number(module)), (_, _) -> new Object[] {other.func("f")});
        Instance instance = f.linker.link(module).instantiate(f.store);
        assertThatThrownBy(() -> instance.func("run").call()).hasRootCauseInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void numbersOfAnotherEngineAreNoticed() {
        try (Fixture g = new Fixture()) {
            int number = number(g.compile(CALLER));
            assertRefusedEverywhere(number);
        }
    }

    @Test
    void numbersOfClosedModulesAreNoticed() {
        Module module = f.compile(CALLER);
        int number = number(module);
        module.close();
        f.compile(CALLER.replace("i64", "f32"));
        assertRefusedEverywhere(number);
    }

    private void assertRefusedEverywhere(int number) {
        List<Consumer<Store>> entries = List.of(
                s -> s.newFunc(giving(number), (_, _) -> new Object[1]),
                s -> s.newFunc(FuncType.of(List.of(NumType.I32, ref(number))), (_, _) -> new Object[0]),
                s -> s.newTable(new TableType(AddressType.I32, Limits.atLeast(1), ref(number)), null),
                s -> s.newGlobal(new GlobalType(ref(number), true), null),
                _ -> f.linker.define("m", "f", giving(number), (_, _) -> new Object[1]));
        assertThat(entries).allSatisfy(entry -> assertThatThrownBy(() -> entry.accept(f.store))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(ref null " + number + ")")
                .hasMessageContaining("no type definition of this engine"));
    }

    @Test
    void definedWhileTheNumberLivedAndUsedThereafter() {
        Module module = f.compile(CALLER);
        f.linker.define("m", "give", giving(number(module)), (_, _) -> new Object[1]);
        module.close();
        Module same = f.compile(CALLER);
        assertThat(number(same)).isNotEqualTo(number(module));
        assertThatThrownBy(() -> f.linker.link(same)).isInstanceOf(LinkException.class);
    }

    @Test
    void whatAStoreHoldsKeepsItsNumbers() {
        Module module = f.compile(CALLER);
        int number = number(module);
        Func func = f.store.newFunc(giving(number), (_, _) -> new Object[1]);
        Table table = f.store.newTable(new TableType(AddressType.I32, Limits.atLeast(1), ref(number)), null);
        Global global = f.store.newGlobal(new GlobalType(ref(number), true), null);
        module.close();
        assertThat(f.engine.typeDefinition(number).composite()).isEqualTo(FuncType.of(List.of(), NumType.I64));
        Module same = f.compile("""
                (module
                  (type $f (func (result i64)))
                  (import "m" "func" (func (result (ref null $f))))
                  (import "m" "table" (table 1 (ref null $f)))
                  (import "m" "global" (global (mut (ref null $f)))))
                """);
        f.linker.define("m", "func", func).define("m", "table", table).define("m", "global", global);
        f.linker.link(same).instantiate(f.store);
        f.store.close();
        same.close();
        assertThatThrownBy(() -> f.engine.typeDefinition(number)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void impossibleTypesAreRefused() {
        List<Consumer<Store>> entries = List.of(
                s -> s.newTable(new TableType(AddressType.I32, Limits.between(2, 1), RefType.FUNCREF), null),
                s -> s.newTable(new TableType(AddressType.I32, Limits.between(0, 1L << 32), RefType.FUNCREF), null),
                s -> s.newMemory(MemoryType.of(Limits.between(2, 1))),
                s -> s.newMemory(MemoryType.of(Limits.atLeast(65_537))),
                s -> s.newMemory(MemoryType.of(Limits.between(0, -1))),
                s -> s.newMemory(new MemoryType(AddressType.I64, Limits.between(0, 1L << 49), false, 16)),
                s -> s.newMemory(new MemoryType(AddressType.I32, Limits.atLeast(1), false, 12)),
                s -> s.newMemory(new MemoryType(AddressType.I32, Limits.atLeast(1), false, 80)),
                s -> s.newMemory(new MemoryType(AddressType.I32, Limits.atLeast(1), true, 16)));
        assertThat(entries).allSatisfy(entry ->
                assertThatThrownBy(() -> entry.accept(f.store)).isInstanceOf(IllegalArgumentException.class));
        FuncType huge = new FuncType(Collections.nCopies(1001, NumType.I32), List.of());
        assertThatThrownBy(() -> f.store.newFunc(huge, (_, _) -> new Object[0]))
                .isInstanceOf(LimitExceededException.class)
                .hasMessageContaining("parameters of a function type (host function)");
    }

    /** A host that calls a host function directly gives and gets what a guest could. */
    @Test
    void hostsAreGivenByHostsWhatTheTypeSays() {
        RefType function = new RefType(false, HeapType.Abstract.FUNC);
        FuncType type = new FuncType(List.of(function, NumType.I32), List.of(function));
        Object[] result = {null};
        Func func = f.store.newFunc(type, (_, _) -> result.clone());
        Func other = f.store.newFunc(FuncType.EMPTY, (_, _) -> new Object[0]);
        assertThatThrownBy(() -> func.call(null, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("host function, parameter 0: (ref func) wants a value, found null");
        assertThatThrownBy(() -> func.call(other, 1L))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("host function, parameter 1: i32 wants Integer, found java.lang.Long");
        assertThatThrownBy(() -> func.call("text", 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("host function, parameter 0: (ref func) wants a Func, found java.lang.String");
        assertThatThrownBy(() -> func.call(other, 1))
                .isInstanceOf(HostFunctionException.class)
                .hasRootCauseMessage("(ref func) wants a value, found null");
        result[0] = other;
        assertThat(func.call(other, 1)).containsExactly(other);
    }
}
