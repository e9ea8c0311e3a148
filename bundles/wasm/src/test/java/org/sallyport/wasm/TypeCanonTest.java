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
        groups.forEach(g -> canon.register(List.of(types), g, ids, () -> {}));
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

    private static FuncType taking(ValType... params) {
        return FuncType.of(List.of(params));
    }

    @Test
    void typesFromOutsideNameNumbers() {
        int[] ids = register(struct(NumType.I32), SubType.of(taking(ref(0))), SubType.of(taking(ref(1))));
        assertThat(canon.find(taking(ref(ids[0])))).isEqualTo(ids[1]);
        assertThat(canon.register(taking(ref(ids[1])))).isEqualTo(ids[2]);
        assertThat(canon.find(taking(ref(ids[2])))).isEqualTo(-1);
        for (int unknown : new int[] {ids[2] + 1, -1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            assertThatThrownBy(() -> canon.register(taking(ref(unknown)))).isInstanceOf(IllegalArgumentException.class);
            assertThat(canon.find(taking(ref(unknown)))).isEqualTo(-1);
        }
        assertThat(canon.size()).isEqualTo(3);
    }

    /** A self-reference of a module is written like none from outside, whatever the numbers are. */
    @Test
    void typesFromOutsideAreNeverRecursive() {
        int recursive = register(SubType.of(FuncType.of(List.of(), ref(0))))[0];
        int naming = canon.register(FuncType.of(List.of(), ref(recursive)));
        assertThat(naming).isNotEqualTo(recursive);
        assertThat(canon.isSubtype(naming, recursive)).isFalse();
    }

    @Test
    void whatIsNamedStays() {
        int[] module = register(struct(NumType.I32), struct(ref(0)), SubType.of(taking(ref(1))));
        int host = canon.register(taking(ref(module[1])));
        assertThat(host).isEqualTo(module[2]);
        int next = canon.register(taking(ref(host)));
        canon.release(module);
        canon.release(host);
        assertThat(canon.size()).isEqualTo(4);
        assertThat(register(struct(NumType.I32), struct(ref(0)))).containsExactly(module[0], module[1]);
        canon.release(new int[] {module[0], module[1]});
        canon.release(next);
        assertThat(canon.size()).isZero();
    }

    @Test
    void groupsOfThousandsThatNameEachOtherGoAtOnce() {
        int count = 100_000;
        List<SubType> types = new ArrayList<>();
        int[] ids = new int[count];
        for (int i = 0; i < count; i++) {
            types.add(struct(i == 0 ? NumType.I32 : ref(i - 1)));
            canon.register(types, new RecGroup(i, 1), ids, () -> {});
        }
        int last = canon.register(taking(ref(ids[count - 1])));
        canon.release(ids);
        assertThat(canon.size()).isEqualTo(count + 1);
        canon.release(last);
        assertThat(canon.size()).isZero();
    }

    @Test
    void aRegistrationThatIsStoppedLeavesNothing() {
        for (boolean together : new boolean[] {false, true}) {
            for (int checks = 0; checks < 20; checks += 3) {
                int[] left = {checks};
                int count = 20_000;
                List<SubType> types = new ArrayList<>();
                List<RecGroup> groups = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    types.add(struct(i == 0 ? NumType.I32 : ref(i - 1)));
                    groups.add(new RecGroup(i, 1));
                }
                WasmModule module = moduleOf(types, together ? List.of(new RecGroup(0, count)) : groups);
                assertThatThrownBy(() -> canon.register(module, () -> {
                            if (left[0]-- == 0) {
                                throw new IllegalStateException("stop");
                            }
                        }))
                        .hasMessage("stop");
                assertThat(canon.size()).isZero();
                canon.release(canon.register(module, () -> {}));
                assertThat(canon.size()).isZero();
            }
        }
    }

    private static WasmModule moduleOf(List<SubType> types, List<RecGroup> groups) {
        return new WasmModule(new byte[0], types, groups, List.of(), new int[0], List.of(), List.of(), List.of(),
                List.of(), List.of(), WasmModule.NO_START, List.of(), List.of(), -1, List.of(), List.of(),
                WasmModule.Range.EMPTY, Names.NONE);
    }

    @Test
    void unknownNumbersMatchNothing() {
        int known = canon.register(FuncType.EMPTY);
        assertThat(canon.isSubtype(known, known + 7)).isFalse();
        assertThat(canon.isSubtype(known + 7, known)).isFalse();
        assertThat(canon.matches(ref(known + 7), RefType.FUNCREF)).isFalse();
        assertThat(canon.matches(new RefType(true, HeapType.Abstract.NOFUNC), ref(known + 7).withNullable(true))).isFalse();
    }

    @Test
    void numbersBeginAgainWhereNoneAreInUse() {
        TypeCanon small = new TypeCanon(Integer.MAX_VALUE - 2);
        List<Integer> ids = new ArrayList<>();
        for (NumType type : NumType.values()) {
            ids.add(small.register(FuncType.of(List.of(type))));
        }
        assertThat(ids).doesNotHaveDuplicates().allMatch(id -> id >= 0);
        assertThat(ids.subList(0, 3)).containsExactly(Integer.MAX_VALUE - 2, Integer.MAX_VALUE - 1, Integer.MAX_VALUE);
        assertThat(ids.get(3)).isZero();
        assertThat(small.size()).isEqualTo(4);
    }

    /**
     * Types whose words have one hash code: the numbers in two neighbouring fields are three words apart, so that one
     * more here is 31³ less there.
     */
    @Test
    void collidingTypesTakeNoLonger() {
        int distance = 31 * 31 * 31;
        int count = 1 << 15;
        List<SubType> types = new ArrayList<>();
        for (int i = 0; i <= distance; i++) {
            types.add(struct(bits(i, 15, NumType.I32, NumType.I64, NumType.F32, NumType.F64)));
        }
        for (int i = 0; i < count; i++) {
            types.add(struct(bits(i, 15, ref(0), ref(distance), ref(1), ref(0))));
        }
        int[] ids = new int[types.size()];
        long start = System.nanoTime();
        for (int i = 0; i < ids.length; i++) {
            canon.register(types, new RecGroup(i, 1), ids, () -> {});
        }
        assertThat(ids[distance]).isEqualTo(distance);
        assertThat((System.nanoTime() - start) / 1_000_000).as("ms").isLessThan(20_000);
        assertThat(canon.size()).isEqualTo(ids.length);
    }

    /** Two fields for each bit. */
    private static ValType[] bits(int value, int width, ValType zero, ValType then, ValType one, ValType thereafter) {
        ValType[] fields = new ValType[2 * width];
        for (int bit = 0; bit < width; bit++) {
            boolean isSet = (value >> bit & 1) != 0;
            fields[2 * bit] = isSet ? one : zero;
            fields[2 * bit + 1] = isSet ? thereafter : then;
        }
        return fields;
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
