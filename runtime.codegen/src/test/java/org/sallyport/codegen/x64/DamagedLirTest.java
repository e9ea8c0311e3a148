package org.sallyport.codegen.x64;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.lir.LirDamage;
import org.sallyport.codegen.regalloc.Operand;
import org.sallyport.codegen.regalloc.RegisterClass;
import org.sallyport.codegen.regalloc.Registers;
import org.sallyport.spi.ValidModule;

/** Machine instructions that are right are accepted; with one fault of any kind they are refused. */
class DamagedLirTest {
    private static final String MODULE = """
            (module
              (type $t (func (param i32 f64) (result i32)))
              (import "m" "import" (func $import (param i32 f64) (result i32)))
              (memory 1) (table $table (export "table") 10 funcref) (tag $tag (param i32))
              (func $many (param i32 i32 i32 i32 i32 i32 i32 i32 i32 f64) (result i32 f64)
                (local.get 8) (local.get 9))
              (func $work (param $a i32) (param $b i64) (param $f f64) (param $g f32) (result i64) (local $n i32)
                (i32.store offset=8 (local.get $a) (i32.add (i32.load offset=4 (local.get $a)) (i32.const 77)))
                (local.set $b (i64.div_s (local.get $b) (i64.shl (local.get $b) (i64.const 3))))
                (local.set $b (i64.rotl (local.get $b) (i64.extend_i32_u (local.get $a))))
                (loop $l
                  (local.set $f (f64.add (f64.mul (local.get $f) (f64.const 3.5)) (f64.load (local.get $n))))
                  (local.set $b (i64.xor (local.get $b) (i64.extend_i32_s (i32.mul (local.get $a) (local.get $n)))))
                  (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (local.get $a))))
                (if (f64.lt (local.get $f) (f64.const 0))
                  (then (local.set $b (i64.const 5)))
                  (else (local.set $b (select (local.get $b) (i64.const 9) (f64.eq (local.get $f) (local.get $f))))))
                (block $x (block $y (block $z (block $u (block $v
                  (br_table $x $y $z $u $v (local.get $a))) (return (i64.const 1))) (return (i64.const 2)))
                  (return (i64.const 3))) (drop (i32.trunc_f64_s (local.get $f))) (unreachable))
                (local.get $b))
              (func $calls (param $a i32) (param $f f64) (result i32) (local $x f64)
                (call $many (local.get $a) (local.get $a) (local.get $a) (local.get $a) (local.get $a)
                  (local.get $a) (local.get $a) (local.get $a) (local.get $a) (local.get $f))
                (local.set $x)
                (drop)
                (call_indirect $table (type $t) (local.get $a) (local.get $x) (local.get $a))
                (i32.add (call $import (local.get $a) (local.get $f)))
                (memory.fill (i32.const 0) (i32.const 1) (local.get $a))
                (block $caught (result i32)
                  (try_table (catch $tag $caught) (drop (call $import (i32.const 1) (local.get $f))))
                  (i32.const 3))
                (i32.add))
              (func $tail (param $a i32) (param $f f64) (result i32)
                (return_call_indirect $table (type $t) (local.get $a) (local.get $f) (local.get $a)))
              (func $vectors (param $a i32) (param $f f32) (param $p v128) (param $q v128) (result v128)
                (v128.store (local.get $a) (i32x4.add (local.get $p) (v128.load (local.get $a))))
                (local.set $p (i32x4.replace_lane 2 (local.get $p) (i32.mul (local.get $a) (local.get $a))))
                (local.set $p (i16x8.shl (i8x16.shuffle 0 9 2 8 4 5 6 7 8 9 10 21 12 13 14 15
                  (local.get $p) (local.get $q)) (i32.const 3)))
                (local.set $p (f32x4.mul (local.get $p) (f32x4.splat (local.get $f))))
                (local.set $a (i32x4.extract_lane 3 (local.get $p)))
                (if (v128.any_true (local.get $q)) (then (local.set $a (i32.const 1))))
                (i8x16.eq (v128.bitselect (local.get $p) (local.get $q) (v128.const i32x4 1 2 3 4))
                  (i8x16.splat (local.get $a)))))
            """;
    private static final int MANY = 1;
    private static final int WORK = 2;
    private static final int CALLS = 3;
    private static final int TAIL = 4;
    private static final int VECTORS = 5;

    private final ValidModule module = Machine.validate(MODULE);

    private LoweredFunction lower(int function, CpuFeatures cpu) {
        return LoweredFunction.of(module, function, cpu, function != CALLS); // else they are inlined
    }

    @Test
    void acceptsWhatIsSelected() {
        for (CpuFeatures cpu : List.of(CpuFeatures.ALL, CpuFeatures.BASELINE)) {
            for (int function = MANY; function <= VECTORS; function++) {
                lower(function, cpu).check();
            }
        }
    }

    // ---- one fault each

    private record Fault(String title, int function, String message, BiConsumer<LoweredFunction, LirDamage> damage) {}

    private final List<Fault> faults = new ArrayList<>();

    private void fault(String title, int function, String message, BiConsumer<LoweredFunction, LirDamage> damage) {
        faults.add(new Fault(title, function, message, damage));
    }

    @TestFactory
    Stream<DynamicTest> refuses() {
        operands();
        fields();
        immediates();
        values();
        blocks();
        calls();
        frames();
        return faults.stream().map(f -> DynamicTest.dynamicTest(f.title, () -> {
            LoweredFunction lowered = lower(f.function, CpuFeatures.ALL);
            lowered.check();
            f.damage.accept(lowered, new LirDamage(lowered.lir()));
            assertThatThrownBy(lowered::check).isInstanceOf(AssertionError.class)
                    .hasMessageStartingWith("BUG: LIR of function " + f.function).hasMessageContaining(f.message);
        }));
    }

    private void operands() {
        fault("a missing operand", WORK, "is missing", (l, d) -> d.dropOperand(l.first(Inst.DIV), 3));
        fault("one operand too many", WORK, "more operands", (l, d) -> d.addOperand(l.first(Inst.ALU_RI),
                Operand.pack(l.defined(RegisterClass.INT, false), Operand.USE, Operand.REGISTER, 0, 0)));
        fault("a float for an integer", WORK, "is of class FLOAT", (l, d) ->
            d.vreg(l.first(Inst.STORE), 0, l.defined(RegisterClass.FLOAT, false)));
        fault("a float for a vector", VECTORS, "is of class FLOAT", (l, d) ->
            d.vreg(l.first(Inst.VLANE), 1, l.defined(RegisterClass.FLOAT, false)));
        fault("a definition instead of a use", WORK, "is defined again", (l, d) -> d.turnKind(l.first(Inst.STORE), 0));
        fault("a two-address form that is none", WORK, "reuses no register", (l, d) ->
            d.constraint(l.first(Inst.ALU_RI), 0, Operand.REGISTER, 0));
        fault("a result in the register of itself", WORK, "reuses no use", (l, d) ->
            d.constraint(l.first(Inst.IMUL_RR), 0, Operand.REUSE, 0));
        fault("a result in the register of the wrong operand", WORK, "reuses", (l, d) ->
            d.constraint(l.first(Inst.IMUL_RR), 0, Operand.REUSE, 2));
        fault("a given register that was forgotten", WORK, "in no given register", (l, d) ->
            d.constraint(l.first(Inst.DIV), 2, Operand.REGISTER, 0));
        fault("a given register of another number", WORK, "in no given register", (l, d) ->
            d.constraint(l.first(Inst.DIV), 2, Operand.FIXED, Reg.RBX));
        fault("a register that is not allocated", WORK, "is in register 4", (l, d) ->
            d.constraint(l.first(Inst.DIV), 2, Operand.FIXED, Reg.RSP));
        fault("a vector register for an integer", WORK, "of another class", (l, d) ->
            d.constraint(l.first(Inst.DIV), 2, Operand.FIXED, Registers.VECTORS));
        fault("two results in one register", WORK, "two operands in register 2", (l, d) ->
            d.constraint(l.first(Inst.DIV), 0, Operand.FIXED, Reg.RDX));
        fault("a temporary that is not early", WORK, "is not early", (l, d) -> d.turnTiming(l.first(Inst.DIV), 1));
        fault("a late use", WORK, "early or late", (l, d) -> d.turnTiming(l.first(Inst.STORE), 0));
        fault("a spill slot that cannot be encoded", WORK, "another constraint", (l, d) ->
            d.constraint(l.first(Inst.STORE), 0, Operand.ANY, 0));
        fault("a constraint that there is not", WORK, "no such constraint", (l, d) ->
            d.constraint(l.first(Inst.STORE), 0, 9, 0));
        fault("operands exchanged where the order counts", WORK, "", (l, d) -> d.flags(l.first(Inst.DIV), 2));
        fault("a move of several registers", WORK, "a move of several", (l, d) -> d.flags(l.first(Inst.IMUL_RR), 1));
    }

    private void fields() {
        fault("another instruction", WORK, "", (l, d) -> d.op(l.first(Inst.IMUL_RR), Inst.SHIFT_CL.ordinal()));
        fault("no instruction", WORK, "no instruction", (l, d) -> d.op(l.first(Inst.IMUL_RR), 999));
        fault("a width where there is none", WORK, "fields 3", (l, d) -> d.aux(l.first(Inst.JMP), 3));
        fault("a sign where there is none", WORK, "that it has not", (l, d) ->
            d.aux(l.first(Inst.IMUL_RR), l.turned(Inst.IMUL_RR, Fields.SIGNED)));
        fault("a quotient in the place of a remainder", WORK, "quotient or remainder", (l, d) ->
            d.aux(l.first(Inst.DIV), l.turned(Inst.DIV, Fields.REMAINDER)));
        fault("a row beyond the table", WORK, "row 127 of ALU", (l, d) ->
            d.aux(l.first(Inst.ALU_RI), l.lir().aux(l.first(Inst.ALU_RI)) | Fields.SUB_BITS));
        fault("a vector row beyond the table", VECTORS, "row 511 of SIMD", (l, d) ->
            d.aux(l.first(Inst.VOP_RR), Fields.ROW_BITS));
        fault("no condition", WORK, "no such condition", (l, d) ->
            d.aux(l.first(Inst.JCC), Fields.withCond(l.lir().aux(l.first(Inst.JCC)), 31)));
        fault("a condition of floats for integers", WORK, "a condition of floats", (l, d) ->
            d.aux(l.first(Inst.JCC), Fields.withCond(l.lir().aux(l.first(Inst.JCC)), Fields.FNE)));
        fault("no comparison", WORK, "no such comparison", (l, d) ->
            d.aux(l.first(Inst.JCC), l.lir().aux(l.first(Inst.JCC)) | 15 << 7));
        fault("a memory operand where there is none", WORK, "that it has not", (l, d) -> d.aux(l.first(Inst.IMUL_RR),
                l.lir().aux(l.first(Inst.IMUL_RR)) | Fields.memory(Fields.Base.VMCTX, false, 0)));
        fault("no memory operand", WORK, "", (l, d) ->
            d.aux(l.first(Inst.STORE), l.lir().aux(l.first(Inst.STORE)) & ~Fields.MEMORY_BITS));
        fault("an index without a register", WORK, "is missing", (l, d) -> d.aux(l.first(Inst.STORE),
                Fields.QWORD | Fields.memory(Fields.Base.VREG, true, 0)));
        fault("a factor without an index", WORK, "a factor of no index", (l, d) -> {
            int i = l.first(Inst.STORE);
            d.aux(i, Fields.memory(Fields.Base.VREG, false, 3) | Fields.DWORD);
        });
        fault("an address that faults", WORK, "cannot fault", (l, d) -> {
            int i = l.first(Inst.STORE);
            d.op(i, Inst.LEA.ordinal());
            d.aux(i, l.lir().aux(i) | Fields.FAULTS);
            d.turnKind(i, 0);
            d.vreg(i, 0, l.lir().vregCount());
            l.lir().newVreg(RegisterClass.INT);
        });
        fault("null found in linear memory that does not fault", WORK, "cannot be found", (l, d) -> d.aux(l.first(Inst.STORE),
                l.lir().aux(l.first(Inst.STORE)) & ~Fields.FAULTS | Fields.NULLS));
        fault("a pool for integers", WORK, "", (l, d) -> {
            int i = l.first(Inst.STORE);
            d.aux(i, Fields.DWORD | Fields.memory(Fields.Base.POOL, false, 0));
            d.dropOperand(i, 1);
        });
    }

    private void immediates() {
        fault("an immediate where there is none", WORK, "an immediate", (l, d) -> d.imm(l.first(Inst.IMUL_RR), 1));
        fault("a displacement where there is none", WORK, "a displacement", (l, d) -> d.disp(l.first(Inst.IMUL_RR), 1));
        fault("an immediate of more than 32 bits", WORK, "more than 32 bits", (l, d) ->
            d.imm(l.first(Inst.ALU_RI), 1L << 31));
        fault("a shift by too much", WORK, "shifts by 4", (l, d) -> d.imm(l.first(Inst.SHL_LEA), 4));
        fault("no trap", WORK, "no such trap", (l, d) -> d.imm(l.first(Inst.UD2), 200));
        fault("no trap of a condition", TAIL, "no such trap", (l, d) -> d.imm(l.first(Inst.TRAPCC), -1L << 32));
        fault("no lane", VECTORS, "lane 4", (l, d) -> d.imm(l.first(Inst.VLANE), 4));
        fault("no constant", VECTORS, "constant 77", (l, d) -> d.disp(l.first(Inst.VOP_RM) + pooled(l), 77));
        fault("another constant than is made again", WORK, "another constant", (l, d) ->
            d.imm(l.first(Inst.MOVI), 123));
        fault("no table", WORK, "no such table", (l, d) -> d.disp(l.first(Inst.SWITCH), 1000));
        fault("a table that leads elsewhere", WORK, "is no successor", (l, d) ->
            d.successor(l.blockOf(Inst.SWITCH), 0, l.lir().successor(l.blockOf(Inst.SWITCH), 1)));
    }

    /** From the first VOP_RM to the first with a constant. */
    private static int pooled(LoweredFunction l) {
        int i = l.first(Inst.VOP_RM);
        int n = 0;
        while (l.lir().op(i + n) != Inst.VOP_RM.ordinal() || Fields.base(l.lir().aux(i + n)) != Fields.Base.POOL) {
            n++;
        }
        return n;
    }

    private void values() {
        fault("a register that there is not", WORK, "there is no v", (l, d) ->
            d.vreg(l.first(Inst.STORE), 0, l.lir().vregCount()));
        fault("a register that nobody defines", WORK, "is not defined", (l, d) ->
            d.vreg(l.first(Inst.STORE), 0, l.lir().newVreg(RegisterClass.INT)));
        fault("a register that is defined twice", WORK, "is defined again", (l, d) ->
            d.vreg(l.first(Inst.IMUL_RR), 0, l.defined(RegisterClass.INT, false)));
        fault("a register that is defined later", WORK, "is not defined", (l, d) ->
            d.vreg(l.first(Inst.STORE), 0, l.defined(RegisterClass.INT, true)));
        fault("an instruction's own result", WORK, "is not defined yet", (l, d) -> {
            int i = l.first(Inst.IMUL_RR);
            d.vreg(i, 2, Operand.vreg(d.operand(i, 0)));
        });
        fault("the result of a call that has not returned", CALLS, "", (l, d) -> {
            int block = throwing(l);
            int landing = l.lir().successor(block, 1);
            int result = l.lir().newVreg(RegisterClass.INT);
            int call = l.lir().blockEnd(block) - 1;
            d.addOperand(call, Operand.pack(result, Operand.DEF, Operand.FIXED, Reg.RAX, 0));
            d.addOperand(l.lir().blockStart(landing), Operand.pack(result, Operand.USE, Operand.REGISTER, 0, 0));
        });
    }

    private static int throwing(LoweredFunction l) {
        int b = 0;
        while (l.lir().successorCount(b) != 2 || Inst.of(l.lir().op(l.lir().blockEnd(b) - 1)) == Inst.JCC) {
            b++;
        }
        return b;
    }

    private void blocks() {
        fault("a terminator within a block", WORK, "terminator", (l, d) -> d.moveStart(l.lir().blockCount() - 1));
        fault("a block without a terminator", WORK, "no terminator", (l, d) ->
            d.op(l.first(Inst.JMP), Inst.VMCTX.ordinal()));
        fault("a terminator of another kind", WORK, "no terminator", (l, d) -> d.op(l.first(Inst.JMP), Inst.JCC.ordinal()));
        fault("a successor that there is not", WORK, "leads to", (l, d) ->
            d.successor(l.blockOf(Inst.JMP), 0, l.lir().blockCount()));
        fault("a successor that does not know it", WORK, "does not know", (l, d) ->
            d.successor(l.blockOf(Inst.JMP), 0, l.lir().blockCount() - 1));
        fault("a predecessor that is none", WORK, "does not know", (l, d) ->
            d.predecessor(l.lir().successor(l.blockOf(Inst.JMP), 0), 0, l.lir().blockCount() - 1));
        fault("an entry that is entered", WORK, "the entry is entered", (l, d) -> {
            d.successor(l.blockOf(Inst.JMP), 0, 0);
            d.recountPredecessors();
        });
        fault("arguments that are missing", WORK, "no arguments", (l, d) ->
            d.dropArguments(l.lir().predecessor(l.joined(), 0)));
        fault("an argument of another class", WORK, "argument 0 is of another class", (l, d) -> {
            int param = l.lir().param(l.joined(), 0);
            RegisterClass other = l.lir().registerClass(param) == RegisterClass.INT ? RegisterClass.FLOAT : RegisterClass.INT;
            d.argument(l.lir().predecessor(l.joined(), 0), 0, l.defined(other, false));
        });
        fault("an argument that is not defined there", WORK, "is not defined", (l, d) ->
            d.argument(l.lir().predecessor(l.joined(), 0), 0, l.lir().newVreg(RegisterClass.INT)));
        fault("a block that nothing leads to", WORK, "cannot be reached", (l, d) -> {
            int b = l.blockOf(Inst.SWITCH);
            d.successor(b, 0, l.lir().successor(b, 1));
            d.recountPredecessors();
        });
    }

    private void calls() {
        fault("a call that destroys nothing", CALLS, "destroys 0", (l, d) -> d.clobbers(l.first(Inst.CALL), 0));
        fault("an addition that destroys a register", WORK, "destroys 1", (l, d) -> d.clobbers(l.first(Inst.IMUL_RR), 1));
        fault("a call that destroys its result", CALLS, "destroys", (l, d) -> d.clobbers(l.first(Inst.CALL), Abi.ALLOCATABLE));
        fault("arguments in each other's registers", CALLS, "is not passed in register", (l, d) -> {
            int i = l.first(Inst.CALL_IMPORT);
            int k = firstUse(l, i);
            d.constraint(i, k, Operand.FIXED, Reg.RSI);
        });
        fault("an argument that is missing", CALLS, "is not passed", (l, d) -> {
            int i = l.first(Inst.CALL_IMPORT);
            d.dropOperand(i, firstUse(l, i));
        });
        fault("an argument of another type", CALLS, "", (l, d) -> {
            int i = l.first(Inst.CALL_IMPORT);
            d.vreg(i, firstUse(l, i), l.defined(RegisterClass.FLOAT, false));
        });
        fault("an argument too many", CALLS, "nobody takes", (l, d) -> d.addOperand(l.first(Inst.CALL_IMPORT),
                Operand.pack(l.defined(RegisterClass.INT, false), Operand.USE, Operand.FIXED, Reg.RBX, 0)));
        fault("a result from elsewhere", CALLS, "nothing of the kind", (l, d) -> {
            int i = l.first(Inst.CALL_IMPORT);
            d.constraint(i, 0, Operand.FIXED, Reg.RBX);
            d.clobbers(i, Abi.ALLOCATABLE & ~(1 << Reg.RBX));
        });
        fault("no function", CALLS, "no such function: 99", (l, d) -> d.imm(l.first(Inst.CALL), 99));
        fault("a function that is imported", CALLS, "no such function: 0", (l, d) -> d.imm(l.first(Inst.CALL), 0));
        fault("no type", CALLS, "no such type", (l, d) -> d.imm(l.first(Inst.CALL_REF), 99));
        fault("another function", CALLS, "", (l, d) -> d.imm(l.first(Inst.CALL), WORK));
        fault("no builtin", CALLS, "", (l, d) -> d.imm(l.first(Inst.CALL_IMPORT), 99));
        fault("a callee's context that was not put aside", CALLS, "is not early", (l, d) -> {
            int i = l.first(Inst.CALL_REF);
            d.dropOperand(i, firstUse(l, i) - 1);
        });
        fault("a tail call that takes too little off", TAIL, "does not know", (l, d) ->
            d.disp(l.lir().instructionCount() - 1, 16));
        fault("a value returned elsewhere", MANY, "is not passed in register", (l, d) ->
            d.constraint(l.first(Inst.RET), 0, Operand.FIXED, Reg.RBX));
        fault("a value that is not returned", MANY, "is not passed in register", (l, d) -> d.dropOperand(l.first(Inst.RET), 0));
        fault("an argument from elsewhere", MANY, "nothing of the kind", (l, d) ->
            d.constraint(0, 0, Operand.FIXED, Registers.VECTORS + 5));
    }

    private static int firstUse(LoweredFunction l, int i) {
        int k = 0;
        while (Operand.isDef(l.lir().operand(l.lir().operandStart(i) + k))) {
            k++;
        }
        return k;
    }

    private void frames() {
        fault("a frame that knows of no call", CALLS, "does not know", (l, d) -> {
            int outgoing = l.lir().frame().outgoing();
            d.forgetFrame();
            l.lir().frame().passes(outgoing);
        });
        fault("a frame without room", CALLS, "outside of the stack's 0 to 0", (l, d) -> d.forgetFrame());
        fault("a call that may not come back with its context", CALLS, "the context is not saved", (l, d) -> {
            int outgoing = l.lir().frame().outgoing();
            d.forgetFrame();
            l.lir().frame().passes(outgoing);
            l.lir().frame().callsFunctions();
            l.lir().frame().callsHelpers();
        });
        fault("an argument outside of what was passed", MANY, "outside of the stack's", (l, d) ->
            d.disp(l.first(Inst.LOAD), 4096));
        fault("an argument between two", MANY, "outside of the stack's", (l, d) -> d.disp(l.first(Inst.LOAD), 4));
        fault("part of an argument", MANY, "an operand on the stack", (l, d) -> {
            d.op(l.first(Inst.LOAD), Inst.LEA.ordinal());
            d.aux(l.first(Inst.LEA), Fields.QWORD | Fields.memory(Fields.Base.INCOMING, false, 0));
        });
    }

    // ---- many faults

    private static final int PROGRAMS = 60;
    private static final int FAULTS = 40;

    /**
     * Fields and operands of random programs, one changed at random. What is not found is as right as before: another register of
     * the class that is defined too, another condition, immediate or row of the table.
     */
    @Test
    void findsRandomFaultsOrWhatTheyLeaveIsRight() {
        int found = 0;
        for (int seed = 0; seed < PROGRAMS; seed++) {
            ValidModule program = Machine.validate(RandomProgram.text(seed));
            int function = program.spaces().importedFuncs();
            for (int n = 0; n < FAULTS; n++) {
                CpuFeatures cpu = n % 2 == 0 ? CpuFeatures.ALL : CpuFeatures.BASELINE;
                LoweredFunction lowered = LoweredFunction.of(program, function, cpu, true);
                lowered.check();
                breakIt(lowered.lir(), new LirDamage(lowered.lir()), new Random(seed * 1000L + n));
                try {
                    lowered.check();
                } catch (AssertionError e) {
                    assertThat(e).hasMessageStartingWith("BUG: LIR of function");
                    found++;
                }
            }
        }
        assertThat(found).isGreaterThan(PROGRAMS * FAULTS * 7 / 10);
    }

    private static void breakIt(Lir lir, LirDamage damage, Random random) {
        int i = random.nextInt(lir.instructionCount());
        int operands = lir.operandCount(i);
        int k = operands == 0 ? 0 : random.nextInt(operands);
        int kind = operands == 0 ? 7 + random.nextInt(3) : random.nextInt(10);
        switch (kind) {
            case 0 -> damage.dropOperand(i, k);
            case 1 -> damage.addOperand(i, damage.operand(i, k));
            case 2 -> damage.turnKind(i, k);
            case 3 -> damage.turnTiming(i, k);
            case 4 -> damage.constraint(i, k, random.nextInt(5), random.nextInt(64));
            case 5, 6 -> damage.vreg(i, k, random.nextInt(lir.vregCount()));
            case 7 -> damage.op(i, random.nextInt(Inst.values().length));
            case 8 -> damage.aux(i, lir.aux(i) ^ 1 << random.nextInt(32));
            default -> damage.clobbers(i, lir.clobbers(i) ^ 1L << random.nextInt(15));
        }
    }
}
