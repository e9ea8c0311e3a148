package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.LoopLocals.ensure;

import org.sallyport.codegen.ir.Constructs.Kind;
import org.sallyport.codegen.ir.ModuleFacts.Signature;
import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.ValType;

/** Opens and closes blocks, loops and {@code if}s; what catches exceptions is {@link BuildTries}'. */
final class BuildConstructs {
    private static final Type[] NO_TYPES = {};
    private static final Type[][] SINGLE = single();

    private final ModuleFacts facts;
    private final CodeReader reader;
    private final Emitter out;
    private final Constructs constructs;
    private final LocalValues locals;
    private final BuildBranches branches;
    private final FuelSections fuel;
    private final LoopLocals loopLocals = new LoopLocals();
    private int loopsSeen;

    /** Parameters of open {@code if}s, for their {@code else}. */
    private int[] saved = new int[16];
    private int savedCount;

    BuildConstructs(
            ModuleFacts facts,
            CodeReader reader,
            Emitter out,
            Constructs constructs,
            LocalValues locals,
            BuildBranches branches,
            FuelSections fuel) {
        this.facts = facts;
        this.reader = reader;
        this.out = out;
        this.constructs = constructs;
        this.locals = locals;
        this.branches = branches;
        this.fuel = fuel;
    }

    /** Begins a function; {@link #openFunction} follows. @param locals how many there are */
    void reset(boolean hasLoops, int localCount, Graph graph) {
        constructs.clear();
        savedCount = 0;
        loopsSeen = 0;
        if (hasLoops) {
            loopLocals.scan(reader, localCount, graph);
        }
    }

    void openFunction(Signature signature) {
        open(Kind.FUNCTION, -1, NO_TYPES, signature.results());
    }

    private void open(Kind kind, int target, Type[] takes, Type[] gives) {
        constructs.open(kind, target, out.height() - takes.length, locals.mark(), takes, gives);
    }

    /** Opens a construct of the reader's block type. */
    void openTyped(Kind kind, int target) {
        int typeIndex = reader.blockTypeIndex();
        ValType single = reader.blockValType();
        if (typeIndex >= 0) {
            Signature s = facts.signature(typeIndex);
            open(kind, target, s.params(), s.results());
        } else if (single == null) {
            open(kind, target, NO_TYPES, NO_TYPES);
        } else {
            open(kind, target, NO_TYPES, SINGLE[facts.type(single).ordinal()]);
        }
    }

    // ---- loops

    void openLoop() {
        int header = branches.newLabel();
        openTyped(Kind.LOOP, header);
        Type[] params = constructs.params(constructs.top());
        int n = params.length;
        branches.jump(header, n);
        out.setHeight(out.height() - n);
        branches.start(header);
        fuel.beginRound();
        locals.enterLoop(header, loopLocals, loopsSeen++);
        pushParams(header, params);
    }

    /** The code of a loop is skipped, with the constructs in it. */
    void skipLoop() {
        loopsSeen++;
    }

    private void pushParams(int target, Type[] types) {
        for (Type type : types) {
            out.push(out.graph().addParam(target, type));
        }
    }

    // ---- if

    void openIf() {
        int condition = out.pop();
        int yes = out.graph().newBlock();
        int no = branches.newLabel();
        openTyped(Kind.IF, branches.newLabel());
        constructs.setElseBlock(constructs.top(), no);
        save(constructs.params(constructs.top()).length);
        out.graph().appendBranch(out.block(), condition, yes, no);
        locals.addEdge(no, -1);
        branches.start(yes);
    }

    /** Keeps the construct's parameters, which are on the stack, for its {@code else}. */
    private void save(int n) {
        saved = ensure(saved, savedCount + n);
        for (int i = 0; i < n; i++) {
            saved[savedCount++] = out.peek(n, i);
        }
    }

    private void restore(int n) {
        savedCount -= n;
        for (int i = 0; i < n; i++) {
            out.push(saved[savedCount + i]);
        }
    }

    void beginElse() {
        int top = constructs.top();
        branches.jumpBehind(top);
        constructs.setKind(top, Kind.ELSE);
        startElse(top);
    }

    private void startElse(int top) {
        locals.enter(constructs.elseBlock(top), constructs.mark(top));
        branches.start(constructs.elseBlock(top));
        out.setHeight(constructs.floor(top));
        restore(constructs.params(top).length);
    }

    // ---- end

    /** Ends the function. */
    void endFunction() {
        if (out.isReachable()) {
            branches.emitReturn();
        }
        constructs.close();
    }

    void endLoop() {
        locals.closeLoop(constructs.label(constructs.top()));
        constructs.close();
    }

    /** Ends an {@code if} without {@code else}: its parameters are its results. */
    void endIf() {
        int top = constructs.top();
        branches.jumpBehind(top);
        startElse(top);
        endBlock();
    }

    /** Goes on behind a block or {@code if} where some path does. */
    void endBlock() {
        int top = constructs.top();
        int target = constructs.label(top);
        constructs.close();
        if (locals.edgeCount(target) == 0) {
            return;
        }
        branches.jumpBehind(top);
        out.setHeight(constructs.floor(top));
        if (locals.edgeCount(target) == 1) {
            takeArguments(locals.lastJump(target));
        } else {
            pushParams(target, constructs.results(top));
        }
        locals.enter(target, constructs.mark(top));
        branches.start(target);
    }

    /** A block that only this jump enters needs no parameters. */
    private void takeArguments(int jump) {
        Graph graph = out.graph();
        for (int i = 0; i < graph.operandCount(jump); i++) {
            out.push(graph.operand(jump, i));
        }
        graph.resizeList(jump, 0);
    }

    private static Type[][] single() {
        Type[][] list = new Type[Type.values().length][];
        for (Type type : Type.values()) {
            list[type.ordinal()] = new Type[] {type};
        }
        return list;
    }
}
