package org.sallyport.validator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class LocalsTest {
    private static final int NON_NULL = Types.REF | Types.FUNCREF & Types.HEAP;

    private final Locals locals = new Locals();

    @Property
    void runsBehaveAsTheListTheyStandFor(@ForAll @Size(max = 12) int[] seeds, @ForAll @IntRange(max = 5) int params) {
        int[] parameters = new int[params];
        java.util.Arrays.fill(parameters, Types.V128);
        java.util.List<Integer> expected = new java.util.ArrayList<>(java.util.Collections.nCopies(params, Types.V128));
        locals.reset(parameters);
        for (int seed : seeds) {
            int count = Math.floorMod(seed, 70);
            int type = Types.I32 + Math.floorMod(seed / 70, 5);
            locals.declare(count, type);
            expected.addAll(java.util.Collections.nCopies(count, type));
        }
        assertThat(locals.count()).isEqualTo(expected.size());
        for (int i = 0; i < expected.size(); i++) {
            assertThat(locals.read(i)).as("local " + i).isEqualTo(expected.get(i));
        }
        assertThatThrownBy(() -> locals.type(expected.size())).hasMessageContaining("unknown local " + expected.size());
    }

    @Example
    void localsWithoutInitialValueMustBeSet() {
        locals.reset(new int[] {NON_NULL});
        locals.declare(300, NON_NULL);
        assertThat(locals.read(0)).isEqualTo(NON_NULL);
        assertThatThrownBy(() -> locals.read(1)).hasMessageContaining("uninitialized local 1");
        locals.write(1);
        assertThat(locals.read(1)).isEqualTo(NON_NULL);
    }

    @Example
    void whatABlockSetsIsForgottenAtItsEnd() {
        locals.reset(Types.NONE);
        locals.declare(300, NON_NULL);
        locals.write(5);
        int mark = locals.mark();
        locals.write(5);
        locals.write(299);
        locals.read(299);
        locals.backTo(mark);
        locals.read(5);
        assertThatThrownBy(() -> locals.read(299)).hasMessageContaining("uninitialized local 299");
    }

    @Example
    void nextBodyStartsFresh() {
        locals.reset(Types.NONE);
        locals.declare(70, NON_NULL);
        locals.write(69);
        locals.reset(Types.NONE);
        locals.declare(70, NON_NULL);
        assertThatThrownBy(() -> locals.read(69)).hasMessageContaining("uninitialized");
    }
}
