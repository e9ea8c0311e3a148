package org.sallyport.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sallyport.wasm.HeapType.Abstract;

class HeapTypesTest {
    /** The picture of WebAssembly 3.0, 3.3.3: each type with those directly below it. */
    private static Set<Abstract> directlyBelow(Abstract type) {
        return switch (type) {
            case ANY -> Set.of(Abstract.EQ);
            case EQ -> Set.of(Abstract.I31, Abstract.STRUCT, Abstract.ARRAY);
            case I31, STRUCT, ARRAY -> Set.of(Abstract.NONE);
            case FUNC -> Set.of(Abstract.NOFUNC);
            case EXTERN -> Set.of(Abstract.NOEXTERN);
            case EXN -> Set.of(Abstract.NOEXN);
            default -> Set.of();
        };
    }

    private static boolean reaches(Abstract from, Abstract to) {
        return from == to || directlyBelow(from).stream().anyMatch(below -> reaches(below, to));
    }

    @ParameterizedTest
    @EnumSource
    void orderIsTheClosureOfThePicture(Abstract sup) {
        for (Abstract sub : Abstract.values()) {
            assertThat(HeapTypes.isSubtype(sub, sup)).as(sub + " below " + sup).isEqualTo(reaches(sup, sub));
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyTypeLiesBetweenBottomAndTop(Abstract type) {
        assertThat(HeapTypes.isSubtype(type, HeapTypes.top(type))).isTrue();
        assertThat(HeapTypes.isSubtype(HeapTypes.bottom(type), type)).isTrue();
    }

    @Test
    void kindsOfDefinitions() {
        assertThat(HeapTypes.kind(FuncType.EMPTY)).isEqualTo(Abstract.FUNC);
        assertThat(HeapTypes.kind(new StructType(java.util.List.of()))).isEqualTo(Abstract.STRUCT);
    }
}
