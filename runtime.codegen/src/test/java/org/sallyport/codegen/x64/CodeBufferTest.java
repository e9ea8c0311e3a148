package org.sallyport.codegen.x64;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CodeBufferTest {
    static int int32(byte[] code, int at) {
        return code[at] & 0xFF | (code[at + 1] & 0xFF) << 8 | (code[at + 2] & 0xFF) << 16 | code[at + 3] << 24;
    }

    @Test
    void alignsCodeAndKeepsBranchesRight() {
        for (int pad = 0; pad < 40; pad++) {
            var asm = new Assembler();
            int end = asm.newLabel();
            for (int i = 0; i < pad; i++) {
                asm.u8(0x90);
            }
            asm.jmp(end);
            asm.alignCode(4);
            int loop = asm.here();
            asm.ud2();
            asm.jcc(Cond.NE, loop);
            asm.bind(end);
            asm.ret();
            byte[] code = asm.finish();
            assertThat(asm.offset(loop) % 16).isZero();
            assertThat(code[asm.offset(loop)]).isEqualTo((byte) 0x0F);
            assertThat(code[asm.offset(end)]).isEqualTo((byte) 0xC3);
            assertThat(pad + 2 + code[pad + 1]).isEqualTo(asm.offset(end));
        }
    }

    /** Random mixes of filler, branches and alignment: every branch lands on its target's marker. */
    @Test
    void resolvesRandomBranches() {
        var random = new Random(1);
        for (int round = 0; round < 300; round++) {
            var asm = new Assembler();
            int n = 1 + random.nextInt(60);
            int[] labels = new int[n];
            for (int i = 0; i < n; i++) {
                labels[i] = asm.newLabel();
            }
            List<int[]> branches = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                if (random.nextInt(4) == 0) {
                    asm.alignCode(random.nextInt(6));
                }
                asm.bind(labels[i]);
                int before = asm.here();
                int target = random.nextInt(n);
                if (random.nextBoolean()) {
                    asm.jmp(labels[target]);
                } else {
                    asm.jcc(Cond.of(random.nextInt(16)), labels[target]);
                }
                branches.add(new int[] {before, target, asm.here()});
                for (int k = random.nextInt(5) == 0 ? random.nextInt(200) : random.nextInt(9); k > 0; k--) {
                    asm.u8(0x90);
                }
            }
            byte[] code = asm.finish();
            for (int[] branch : branches) {
                int from = asm.offset(branch[0]);
                int to = asm.offset(branch[2]);
                int distance = to - from == 2 ? code[to - 1] : int32(code, to - 4);
                assertThat(to + distance).isEqualTo(asm.offset(labels[branch[1]]));
            }
        }
    }

    @Test
    void sharesConstantsAndAlignsThem() {
        var asm = new Assembler();
        int a = asm.constant(42);
        int wide = asm.constant(1, 2);
        assertThat(asm.constant(42)).isEqualTo(a);
        assertThat(asm.constant(1, 2)).isEqualTo(wide);
        assertThat(asm.constant(1)).isEqualTo(wide);
        asm.movs(true, Reg.XMM0, Mem.rip(a));
        byte[] code = asm.finish();
        assertThat(asm.offset(wide) % 16).isZero();
        assertThat(code[asm.offset(a)]).isEqualTo((byte) 42);
        assertThat(8 + int32(code, 4)).isEqualTo(asm.offset(a));
    }

    /** Each branch reaches until the one inside it grows: one more has to grow in each round. */
    @Test
    void endsSoonWhenBranchesGrowOneAtATime() {
        var asm = new Assembler();
        int n = 50_000; // a round for each takes minutes
        int[] targets = new int[n];
        for (int i = 0; i < n; i++) {
            targets[i] = asm.newLabel();
        }
        for (int i = 0; i < n; i++) {
            asm.jmp(targets[i]);
            for (int k = 0; k < 62; k++) {
                asm.u8(0x90);
            }
            if (i >= 1) {
                asm.bind(targets[i - 1]);
            }
            if (i == n - 2) {
                for (int k = 0; k < 100; k++) {
                    asm.u8(0x90);
                }
            }
        }
        asm.bind(targets[n - 1]);
        assertThat(asm.finish()).hasSizeBetween(n * 64, n * 68);
    }
}
