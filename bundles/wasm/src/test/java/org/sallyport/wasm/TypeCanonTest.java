package org.sallyport.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class TypeCanonTest {
    private final TypeCanon canon = new TypeCanon();

    private static RefType ref(int index) {
        return new RefType(false, new HeapType.Concrete(index));
    }

    private static SubType struct(ValType... fields) {
        return new SubType(false, List.of(), new StructType(Arrays.stream(fields).map(f -> new FieldType(f, false)).toList()));
    }

    private static SubType extending(int supertype, SubType type) {
        return new SubType(type.isFinal(), List.of(supertype), type.composite());
    }

    private int[] register(List<RecGroup> groups, SubType... types) {
        int[] ids = new int[types.length];
        groups.forEach(g -> canon.register(List.of(types), g, ids));
        return ids;
    }

    /** Every definition a group of its own. */
    private int[] register(SubType... types) {
        List<RecGroup> groups = new ArrayList<>();
        for (int i = 0; i < types.length; i++) {
            groups.add(new RecGroup(i, 1));
        }
        return register(groups, types);
    }

    @Test
    void equalTypesOfDifferentModulesHaveOneNumber() {
        int[] first = register(struct(NumType.I32), struct(ref(0)));
        int[] second = register(struct(NumType.F64), struct(NumType.I32), struct(ref(1)));
        assertThat(second[1]).isEqualTo(first[0]);
        assertThat(second[2]).isEqualTo(first[1]);
        assertThat(second[0]).isNotIn(first[0], first[1]);
        assertThat(canon.size()).isEqualTo(3);
    }

    @Test
    void recursiveTypesAreEqualUpToTheirPlace() {
        int[] first = register(struct(ref(0)));
        int[] second = register(struct(NumType.I32), struct(ref(1)));
        assertThat(second[1]).isEqualTo(first[0]);
    }

    @Test
    void unrolledRecursionIsAnotherType() {
        int[] ids = register(struct(ref(0)), struct(ref(0)));
        assertThat(ids[1]).isNotEqualTo(ids[0]);
    }

    @Test
    void groupsDifferInOrderAndExtent() {
        SubType a = struct(NumType.I32);
        SubType b = struct(NumType.I64);
        int[] apart = register(a, b);
        int[] together = register(List.of(new RecGroup(0, 2)), a, b);
        int[] swapped = register(List.of(new RecGroup(0, 2)), b, a);
        assertThat(apart).doesNotContain(together[0], together[1]);
        assertThat(swapped).doesNotContain(together[0], together[1]);
    }

    @Test
    void finalityMutabilityAndKindTellTypesApart() {
        FieldType constant = new FieldType(NumType.I32, false);
        FieldType variable = new FieldType(NumType.I32, true);
        int[] ids = register(
                SubType.of(new ArrayType(constant)),
                SubType.of(new ArrayType(variable)),
                SubType.of(new StructType(List.of(constant))),
                new SubType(false, List.of(), new ArrayType(constant)),
                SubType.of(new ArrayType(new FieldType(PackedType.I8, false))),
                SubType.of(FuncType.of(List.of(NumType.I32))),
                SubType.of(FuncType.of(List.of(), NumType.I32)),
                SubType.of(new StructType(List.of(new FieldType(RefType.FUNCREF, false)))),
                SubType.of(new StructType(List.of(new FieldType(RefType.FUNCREF.withNullable(false), false)))));
        assertThat(ids).doesNotHaveDuplicates();
    }

    @Test
    void subtypingFollowsTheDeclaredChain() {
        SubType base = struct(NumType.I32);
        int[] ids = register(base, extending(0, base), extending(1, base), extending(0, struct(NumType.I32, NumType.I64)));
        assertThat(canon.isSubtype(ids[2], ids[0])).isTrue();
        assertThat(canon.isSubtype(ids[2], ids[1])).isTrue();
        assertThat(canon.isSubtype(ids[2], ids[2])).isTrue();
        assertThat(canon.isSubtype(ids[0], ids[2])).isFalse();
        assertThat(canon.isSubtype(ids[3], ids[1])).isFalse();
        assertThat(canon.ancestors(ids[2])).containsExactly(ids[0], ids[1], ids[2]);
    }

    @Test
    void valuesMatchThroughAbstractTypes() {
        int struct = register(struct(NumType.I32))[0];
        int func = canon.register(FuncType.EMPTY);
        assertThat(canon.matches(ref(struct), RefType.EXTERNREF)).isFalse();
        assertThat(canon.matches(ref(func), RefType.FUNCREF)).isTrue();
        assertThat(canon.matches(ref(struct), new RefType(true, HeapType.Abstract.EQ))).isTrue();
        assertThat(canon.matches(new RefType(true, HeapType.Abstract.NONE), ref(struct).withNullable(true))).isTrue();
        assertThat(canon.matches(new RefType(true, HeapType.Abstract.NONE), ref(struct))).isFalse();
        assertThat(canon.matches(new RefType(true, HeapType.Abstract.NOFUNC), ref(struct).withNullable(true))).isFalse();
        assertThat(canon.matches(RefType.FUNCREF, ref(func).withNullable(true))).isFalse();
        assertThat(canon.matches(NumType.I32, NumType.I32)).isTrue();
        assertThat(canon.matches(NumType.I32, NumType.I64)).isFalse();
    }

    @Test
    void definitionsNameNumbers() {
        register(struct(NumType.F64));
        int[] ids = register(struct(NumType.I32), struct(ref(0)));
        StructType type = (StructType) canon.type(ids[1]).composite();
        assertThat(type.fields().getFirst().storage()).isEqualTo(ref(ids[0]));
        assertThat(TypeCanon.rename(ref(1), ids)).isEqualTo(ref(ids[1]));
    }

    @Test
    void releaseForgetsWhatNobodyUses() {
        int[] first = register(struct(NumType.I32));
        int[] second = register(struct(NumType.I32), struct(ref(0)));
        canon.release(second);
        assertThat(canon.size()).isEqualTo(1);
        assertThat(canon.type(first[0])).isNotNull();
        canon.release(first);
        assertThat(canon.size()).isZero();
        assertThatThrownBy(() -> canon.type(first[0])).isInstanceOf(IllegalArgumentException.class);
        assertThat(register(struct(NumType.I32))[0]).isNotEqualTo(first[0]);
    }

    @Test
    void refusesReferencesBehindTheGroup() {
        assertThatThrownBy(() -> register(struct(ref(1)), struct())).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void threadsAgree() throws Exception {
        Callable<int[]> task = () -> register(struct(NumType.I32), struct(ref(0)), struct(ref(1)), struct(ref(3)));
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<int[]> all = new ArrayList<>();
            for (Future<int[]> result : threads.invokeAll(java.util.Collections.nCopies(200, task))) {
                all.add(result.get());
            }
            assertThat(all).allSatisfy(ids -> assertThat(ids).isEqualTo(all.getFirst()));
        }
        assertThat(canon.size()).isEqualTo(4);
    }
}
