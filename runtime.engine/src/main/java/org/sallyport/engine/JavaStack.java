package org.sallyport.engine;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.sallyport.LimitExceededException;

/**
 * Tells whether the calling thread has Java stack left. A {@link StackOverflowError} in the middle of Java's own work
 * does harm that stays: a class whose initializer ends with it cannot be used ever again. So whoever is about to do
 * something that may be the first of its kind asks before.
 *
 * <p>Java has no question for it, but a method with very many local variables is one: its call fails if they do not find
 * room. That holds in the interpreter; compiled code drops variables that nobody uses. So the method is too long for the
 * compilers (8 000 bytes of code: HotSpot's {@code DontCompileHugeMethods}, which is on if nobody changes it); it jumps
 * over all of that. A question costs some microseconds, as the interpreter clears the variables. Where a JVM compiles it
 * nevertheless, the answer is always yes, and what remains is that a store is in order after an error anywhere.
 */
final class JavaStack {
    private static final ClassDesc NAME = ClassDesc.of("org.sallyport.engine.JavaStackQuestion");
    private static final ClassDesc QUESTION = ClassDesc.of("org.sallyport.engine.JavaStack").nested("Question");
    private static final int BYTES_OF_CODE = 9_000;
    private static final int WORD = 8;
    private static final int KIB = 1 << 10;

    /**
     * What a host call, a trap or a builtin needs, in bytes: 14 KiB were measured for a host call that is the first of
     * all in the process, interpreted, 10 for a trap; a call back into the guest is asked again.
     */
    private static final int NEED = 24 * KIB;

    /** What is asked for besides, so that the next 32 KiB of calls need no question. */
    private static final int AHEAD = 32 * KIB;

    /** For what is made once: classes, machine code of a function. 24 KiB were measured, interpreted. */
    private static final int ROOM = 64 * KIB;

    private static final Question NEEDED = question(NEED);
    private static final Question AHEAD_TOO = question(NEED + AHEAD);
    private static final Question ROOMY = question(ROOM);

    /** A question for some number of bytes; its method does nothing else. */
    abstract static class Question {
        abstract int ask(int zero);

        /** @return false if a call that needs that many bytes would find no room */
        final boolean isAnswered() {
            try {
                return ask(0) == 0;
            } catch (StackOverflowError e) {
                return false;
            }
        }
    }

    // of the store's thread; addresses, as machine code leaves them when it enters a guest
    private @Nullable Thread thread;
    private long low;
    private long high;

    /**
     * Whether there is stack for a host call, a trap or a builtin. Called by the thread inside the store.
     *
     * @param pointer stack pointer of the thread where it last entered the guest, some calls further out
     */
    boolean suffices(long pointer) {
        return pointer >= low && pointer <= high && thread == Thread.currentThread() || asked(pointer);
    }

    /**
     * What was found out holds further out, too, for a thread that stays on its stack; a virtual one moves to others, so
     * it holds only for addresses that are certainly of the same.
     */
    private boolean asked(long pointer) {
        Thread me = Thread.currentThread();
        boolean ahead = AHEAD_TOO.isAnswered();
        if (!ahead && !NEEDED.isAnswered()) {
            return false;
        }
        long from = ahead ? pointer - AHEAD : pointer;
        boolean same = thread == me && from <= high && pointer >= low;
        low = same ? Math.min(low, from) : from;
        high = !me.isVirtual() ? Long.MAX_VALUE : same ? Math.max(high, pointer) : pointer;
        thread = me;
        return true;
    }

    /** Whether there is stack for what is made once. */
    static boolean hasRoom() {
        return ROOMY.isAnswered();
    }

    /** Makes something that others will use, in another thread if this one has little stack left. */
    static <T> T withRoom(Supplier<T> maker) {
        if (hasRoom()) {
            return maker.get();
        }
        CompletableFuture<T> made = new CompletableFuture<>();
        try {
            EngineThreads.unstarted("sallyport-maker", () -> complete(made, maker)).start();
        } catch (OutOfMemoryError e) {
            throw new LimitExceededException("bytes of Java stack", ROOM, 0, "the stack size of the calling thread");
        }
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return made.get();
                } catch (InterruptedException e) {
                    interrupted = true; // what is being made takes no long time, or looks at its budget
                } catch (ExecutionException e) {
                    throw thrown(e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static <T> void complete(CompletableFuture<T> made, Supplier<T> maker) {
        try {
            made.complete(maker.get());
        } catch (Throwable t) {
            made.completeExceptionally(t);
        }
    }

    private static RuntimeException thrown(Throwable cause) {
        return switch (cause) {
            case RuntimeException e -> e;
            case Error e -> throw e;
            default -> throw new AssertionError("BUG: checked", cause);
        };
    }

    static Question question(int bytes) {
        byte[] code = ClassFile.of().build(NAME, builder -> builder.withSuperclass(QUESTION)
                .withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER)
                .withMethodBody(INIT_NAME, MTD_void, 0, body -> body.aload(0)
                        .invokespecial(QUESTION, INIT_NAME, MTD_void)
                        .return_())
                .withMethodBody("ask", MethodTypeDesc.of(CD_int, CD_int), 0, body -> ask(body, bytes / WORD)));
        try {
            MethodHandles.Lookup here = MethodHandles.lookup();
            return (Question) here.findConstructor(
                            here.defineHiddenClass(code, true).lookupClass(), MethodType.methodType(void.class))
                    .asType(MethodType.methodType(Question.class))
                    .invokeExact();
        } catch (Throwable t) {
            throw new AssertionError("BUG: question for stack", t);
        }
    }

    private static void ask(CodeBuilder code, int words) {
        int last = 0;
        for (int i = 0; i < words; i++) {
            last = code.allocateLocal(TypeKind.INT);
        }
        Label end = code.newLabel();
        code.iload(1).istore(last).iload(1).ifeq(end);
        for (int i = 0; i < BYTES_OF_CODE; i++) {
            code.nop();
        }
        code.labelBinding(end).iload(last).ireturn();
    }
}
