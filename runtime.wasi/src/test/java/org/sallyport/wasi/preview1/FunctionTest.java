package org.sallyport.wasi.preview1;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.sallyport.wasi.Wasi;

/** The table and the methods agree. */
class FunctionTest {
    private static final int FUNCTIONS_OF_PREVIEW_1 = 46;

    @Test
    void everyFunctionOfTheSpecificationHasARow() {
        assertThat(Function.values()).hasSize(FUNCTIONS_OF_PREVIEW_1);
        assertThat(Arrays.stream(Function.values()).map(Function::wasmName)).doesNotHaveDuplicates();
    }

    @Test
    void namesAreTheRowsNames() {
        for (Function function : Function.values()) {
            assertThat(function.wasmName()).isEqualToIgnoringCase(function.name());
        }
        assertThat(Function.FD_FDSTAT_SET_FLAGS.javaName()).isEqualTo("fdFdstatSetFlags");
    }

    @Test
    void aLinkerGetsExactHandles() {
        Guest guest = new Guest(Wasi.defaults());
        for (Function function : Function.values()) {
            MethodHandle handle = guest.functions().get(function.wasmName());
            assertThat(handle).as(function.wasmName()).isNotNull();
            assertThat(handle.type()).as(function.wasmName()).isEqualTo(function.type());
        }
        assertThat(guest.functions()).hasSize(FUNCTIONS_OF_PREVIEW_1);
        assertThat(guest.functions().get("fd_seek").type().toString()).isEqualTo("(Caller,int,long,int,int)int");
        assertThat(guest.functions().get("proc_exit").type().returnType()).isEqualTo(void.class);
    }
}
