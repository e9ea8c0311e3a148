package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.sallyport.EntityType;
import org.sallyport.Extern;
import org.sallyport.Func;
import org.sallyport.Global;
import org.sallyport.HostFunctionException;
import org.sallyport.Instance;
import org.sallyport.LinkException;
import org.sallyport.Table;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.RefType;

/** References to functions of one type between guests and host: what is not null and of a type, stays so. */
class TypedReferencesTest {
    private static final String WAT = """
            (module
              (type $unary (func (param i32) (result i32)))
              (type $other (func (param i64)))
              (func $double (export "double") (type $unary) (i32.mul (local.get 0) (i32.const 2)))
              (func $square (export "square") (type $unary) (i32.mul (local.get 0) (local.get 0)))
              (func $other (export "other") (type $other))
              (global $never (export "never null") (mut (ref $unary)) (ref.func $double))
              (global $perhaps (export "perhaps null") (mut (ref null $unary)) (ref.null $unary))
              (table $t (export "table") 2 5 (ref $unary) (ref.func $square))
              (func (export "apply") (param (ref $unary) i32) (result i32) (call_ref $unary (local.get 1) (local.get 0)))
              (func (export "perhaps") (param (ref null $unary) i32) (result i32)
                (call_ref $unary (local.get 1) (local.get 0)))
              (func (export "global") (param i32) (result i32) (call_ref $unary (local.get 0) (global.get $never)))
              (func (export "slot") (param i32 i32) (result i32)
                (call_ref $unary (local.get 1) (table.get $t (local.get 0))))
              (func (export "or double") (param (ref null $unary)) (result (ref $unary)) (local $l (ref $unary))
                (block $null
                  (local.set $l (br_on_null $null (local.get 0)))
                  (return (local.get $l)))
                (ref.func $double))
              (func (export "any") (param funcref) (result i32) (ref.is_null (local.get 0))))
            """;

    private static Object only(Object[] results) {
        return results[0];
    }

    @Test
    void functionsGoInAndComeOut() throws Throwable {
        try (Fixture f = new Fixture()) {
            Instance instance = f.instantiate(WAT);
            Func square = instance.func("square");
            assertThat(only(instance.func("apply").call(square, 7))).isEqualTo(49);
            assertThat(only(instance.func("perhaps").call(square, 7))).isEqualTo(49);
            assertThat(((Func) only(instance.func("or double").call(square))).call(3)).containsExactly(9);
            assertThat(((Func) only(instance.func("or double").call((Object) null))).call(3)).containsExactly(6);
            MethodHandle apply = instance.func("apply").handle();
            assertThat((int) apply.invokeExact(square, 8)).isEqualTo(64);
            Func found = (Func) instance.func("or double").handle().invokeExact((Func) null);
            assertThat(found.name()).isEqualTo("double");
        }
    }

    @Test
    void nullAndOtherTypesAreRefusedWhereTheyWouldGoIn() {
        try (Fixture f = new Fixture()) {
            Instance instance = f.instantiate(WAT);
            Func other = instance.func("other");
            Func apply = instance.func("apply");
            MethodHandle handle = apply.handle();
            assertThatThrownBy(() -> apply.call(null, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("null");
            assertThatThrownBy(() -> apply.call(other, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageMatching("apply, parameter 0: \\(ref \\d+\\) wants a function of type \\(i32\\) -> \\(i32\\),"
                            + " found func other \\(i64\\) -> \\(\\)");
            assertThatThrownBy(() -> apply.call("text", 1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> handle.invoke((Func) null, 1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> handle.invoke(other, 1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> instance.func("perhaps").call(null, 1))
                    .isInstanceOfSatisfying(TrapException.class,
                            e -> assertThat(e.code()).isEqualTo(TrapCode.NULL_FUNCTION_REFERENCE));
            assertThat(only(apply.call(instance.func("double"), 21))).as("and nothing is amiss").isEqualTo(42);
        }
    }

    @Test
    void globalsKeepTheirType() {
        try (Fixture f = new Fixture()) {
            Instance instance = f.instantiate(WAT);
            Global never = instance.global("never null");
            assertThat(only(instance.func("global").call(7))).isEqualTo(14);
            assertThatThrownBy(() -> never.set(null)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> never.set(instance.func("other"))).isInstanceOf(IllegalArgumentException.class);
            never.set(instance.func("square"));
            assertThat(only(instance.func("global").call(7))).isEqualTo(49);
            Global perhaps = instance.global("perhaps null");
            assertThat(perhaps.get()).isNull();
            perhaps.set(instance.func("square"));
            perhaps.set(null);
            assertThat(perhaps.get()).isNull();
        }
    }

    @Test
    void tablesAreFilledFromTheirInitializers() {
        try (Fixture f = new Fixture()) {
            Instance instance = f.instantiate(WAT);
            Table table = instance.table("table");
            assertThat(((Func) table.get(1)).name()).isEqualTo("square");
            assertThat(only(instance.func("slot").call(0, 9))).isEqualTo(81);
            assertThatThrownBy(() -> table.set(0, null)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> table.set(0, instance.func("other"))).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> table.grow(1, null)).isInstanceOf(IllegalArgumentException.class);
            assertThat(table.size()).isEqualTo(2);
            assertThat(table.grow(2, instance.func("double"))).isEqualTo(2);
            assertThat(only(instance.func("slot").call(3, 9))).isEqualTo(18);
        }
    }

    /** A host function is a reference like others; what it gives back is checked. */
    @Test
    void functionsOfTheHostTakeAndGiveThem() throws Throwable {
        try (Fixture f = new Fixture()) {
            Instance first = f.instantiate(WAT);
            RefType unary = (RefType) ((EntityType.Global) first.global("never null").entityType()).type().type();
            Object[] answer = new Object[1];
            f.linker.define("h", "choose", new FuncType(List.of(unary), List.of(unary)), (caller, args) -> answer.clone());
            MethodHandle typed = MethodHandles.insertArguments(
                    MethodHandles.lookup().findStatic(TypedReferencesTest.class, "chosen",
                            MethodType.methodType(Func.class, Object[].class, Func.class)), 0, (Object) answer);
            f.linker.define("h", "typed", new FuncType(List.of(unary), List.of(unary)),
                    (caller, args) -> new Object[] {(Func) typed.invokeExact((Func) args[0])});
            f.linker.define("h", "triple", new FuncType(List.of(NumType.I32), List.of(NumType.I32)),
                    (caller, args) -> new Object[] {3 * (Integer) args[0]});
            Instance instance = f.instantiate("""
                    (module
                      (type $unary (func (param i32) (result i32)))
                      (import "h" "choose" (func $choose (param (ref $unary)) (result (ref $unary))))
                      (import "h" "typed" (func $typed (param (ref $unary)) (result (ref $unary))))
                      (import "h" "triple" (func $triple (type $unary)))
                      (elem declare func $triple)
                      (func (export "triple") (result (ref $unary)) (ref.func $triple))
                      (func (export "choose") (param i32) (result i32)
                        (call_ref $unary (local.get 0) (call $choose (ref.func $triple))))
                      (func (export "typed") (param i32) (result i32)
                        (return_call_ref $unary (local.get 0) (call $typed (ref.func $triple)))))
                    """);
            Func triple = (Func) only(instance.func("triple").call());
            assertThat(triple.call(5)).containsExactly(15);
            assertThat(only(first.func("apply").call(triple, 6))).as("a host's function in another instance").isEqualTo(18);
            for (String way : List.of("choose", "typed")) {
                answer[0] = first.func("square");
                assertThat(only(instance.func(way).call(6))).isEqualTo(36);
                answer[0] = triple;
                assertThat(only(instance.func(way).call(6))).isEqualTo(18);
                answer[0] = null;
                assertThatThrownBy(() -> instance.func(way).call(6)).as(way).isInstanceOf(HostFunctionException.class)
                        .hasRootCauseInstanceOf(IllegalArgumentException.class);
                answer[0] = first.func("other");
                assertThatThrownBy(() -> instance.func(way).call(6)).as(way).isInstanceOf(HostFunctionException.class)
                        .hasRootCauseInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    static Func chosen(Object[] answer, Func given) {
        return (Func) answer[0];
    }

    private static void assertLinks(Fixture f, String import_, Extern what, boolean fits) {
        f.linker.define("m", "x", what);
        String wat = "(module (type $unary (func (param i32) (result i32))) (type $other (func (param i64)))"
                + " (import \"m\" \"x\" " + import_ + "))";
        if (fits) {
            f.linker.link(f.compile(wat)).instantiate(f.store);
        } else {
            assertThatThrownBy(() -> f.linker.link(f.compile(wat))).as(import_).isInstanceOf(LinkException.class);
        }
    }

    @Test
    void importsMatchByType() {
        try (Fixture f = new Fixture()) {
            Instance instance = f.instantiate(WAT);
            Global never = instance.global("never null");
            assertLinks(f, "(global (mut (ref $unary)))", never, true);
            assertLinks(f, "(global (mut (ref null $unary)))", never, false);
            assertLinks(f, "(global (ref $unary))", never, false);
            assertLinks(f, "(global (mut (ref $other)))", never, false);
            assertLinks(f, "(table 1 (ref $unary))", instance.table("table"), true);
            assertLinks(f, "(table 1 (ref null $unary))", instance.table("table"), false);
            assertLinks(f, "(table 1 funcref)", instance.table("table"), false);
            assertLinks(f, "(func (param (ref $unary) i32) (result i32))", instance.func("apply"), true);
            assertLinks(f, "(func (param (ref null $unary) i32) (result i32))", instance.func("apply"), false);
        }
    }
}
