package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.Instance;
import org.sallyport.Memory;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.text.Wat;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.Opcode;

/**
 * Every scalar load and store with static offsets at the edges, at addresses around the memory's end, with real guard
 * pages and with checks in the code: it touches exactly its bytes, or traps and touches none.
 */
class OffsetsTest {
    private static final long[] OFFSETS = {0, 1, 0x1_0000, 0x7FFF_FFFFL, 0x8000_0000L, 0xFFFF_FFFFL};

    private record Access(Opcode op, long offset, boolean isStore, NumType type, int bytes) {
        private String function(int index) {
            String code = isStore
                    ? "(func (export \"f%d\") (param i32 %s) (%s offset=%d (local.get 0) (local.get 1)))"
                    : "(func (export \"f%d\") (param i32) (result %s) (%s offset=%d (local.get 0)))";
            return code.formatted(index, type, op.text(), offset);
        }
    }

    private static List<Access> accesses() {
        List<Access> list = new ArrayList<>();
        for (Opcode op : Opcode.values()) {
            if (op.code() >= 0x28 && op.code() <= 0x3E) {
                boolean store = op.text().contains("store");
                NumType type = NumType.valueOf(op.text().substring(0, 3).toUpperCase(Locale.ROOT));
                for (long offset : OFFSETS) {
                    list.add(new Access(op, offset, store, type, bytes(op, type)));
                }
            }
        }
        return list;
    }

    private static int bytes(Opcode op, NumType type) {
        String digits = op.text().replaceAll(".*(load|store)|_.*", "");
        return digits.isEmpty() ? type == NumType.I32 || type == NumType.F32 ? 4 : 8 : Integer.parseInt(digits) / 8;
    }

    @ParameterizedTest
    @CsvSource({"false, true", "false, false", "true, true", "true, false"})
    void touchesItsBytesOrTraps(boolean explicitChecks, boolean optimize) {
        List<Access> accesses = accesses();
        assertThat(accesses).hasSize(23 * OFFSETS.length);
        StringBuilder text = new StringBuilder("(module (memory (export \"m\") 1 2)\n");
        for (int i = 0; i < accesses.size(); i++) {
            text.append(accesses.get(i).function(i)).append('\n');
        }
        Config config = Config.defaults().withExplicitBoundsChecks(explicitChecks);
        try (Engine engine = Engine.create(config.withCompile(config.compile().withOptimize(optimize)));
                Module module = engine.compile(Wat.compile(text.append(")").toString()));
                Store store = engine.newStore()) {
            Instance instance = engine.newLinker().link(module).instantiate(store);
            around(instance, accesses);
            instance.memory("m").grow(1);
            around(instance, accesses);
        }
    }

    private static void around(Instance instance, List<Access> accesses) {
        Memory memory = instance.memory("m");
        for (int i = 0; i < accesses.size(); i++) {
            Access access = accesses.get(i);
            long end = memory.byteSize() - access.bytes; // the last place that is inside
            for (long place : new long[] {0, 1, end - 1, end, end + 1, end + access.bytes, memory.byteSize() + 4096}) {
                long address = place - access.offset;
                if (address >= 0) {
                    check(instance, i, access, address, place <= end);
                }
            }
            check(instance, i, access, 0xFFFF_FFFFL, false);
            check(instance, i, access, 0x8000_0000L, false);
        }
    }

    private static void check(Instance instance, int index, Access access, long address, boolean inside) {
        Memory memory = instance.memory("m");
        byte[] before = new byte[(int) memory.byteSize()];
        for (int i = 0; i < before.length; i += 4093) {
            before[i] = (byte) (i >> 3);
        }
        Arrays.fill(before, before.length - 16, before.length, (byte) 0x5A);
        memory.write(0, before, 0, before.length);
        boolean trapped = false;
        Object result = null;
        try {
            Object[] results = access.isStore
                    ? instance.func("f" + index).call((int) address, ones(access.type))
                    : instance.func("f" + index).call((int) address);
            result = access.isStore ? null : results[0];
        } catch (TrapException e) {
            assertThat(e.code()).isEqualTo(TrapCode.MEMORY_OUT_OF_BOUNDS);
            trapped = true;
        }
        String what = access.op.text() + " offset=" + access.offset + " at " + address;
        assertThat(trapped).as(what).isEqualTo(!inside);
        int place = (int) (address + access.offset);
        if (inside && access.isStore) {
            Arrays.fill(before, place, place + access.bytes, (byte) 0xFF);
        }
        assertThat(Arrays.mismatch(memory.readBytes(0, before.length), before)).as(what).isEqualTo(-1);
        if (inside && !access.isStore) {
            assertThat(bits(result) & mask(access.bytes)).as(what).isEqualTo(little(before, place, access.bytes));
        }
    }

    private static Object ones(NumType type) {
        return switch (type) {
            case I32 -> (Object) (-1);
            case I64 -> -1L;
            case F32 -> Float.intBitsToFloat(-1);
            case F64 -> Double.longBitsToDouble(-1);
        };
    }

    private static long bits(Object value) {
        return switch (value) {
            case Integer v -> v;
            case Long v -> v;
            case Float v -> Float.floatToRawIntBits(v);
            case Double v -> Double.doubleToRawLongBits(v);
            default -> throw new IllegalArgumentException(String.valueOf(value));
        };
    }

    private static long mask(int bytes) {
        return bytes == 8 ? -1 : (1L << 8 * bytes) - 1;
    }

    private static long little(byte[] memory, int at, int bytes) {
        long value = 0;
        for (int i = bytes - 1; i >= 0; i--) {
            value = value << 8 | memory[at + i] & 0xFF;
        }
        return value;
    }
}
