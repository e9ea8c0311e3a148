package org.sallyport.engine.threads;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
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
 * compilers (8 000 bytes of code: HotSpot's {@code DontCompileHugeMethods}, which is on if nobody changes it); it returns
 * before all of that. A question costs some microseconds, as the interpreter clears the variables. Where a JVM compiles it
 * nevertheless, the answer is always yes, and what remains is that a store is in order after an error anywhere.
 */
public final class JavaStack {
    /** HotSpot compiles no method with more than 8 000. */
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
    public abstract static class Question {
        abstract int ask();

        /** @return false if a call that needs that many bytes would find no room */
        public final boolean isAnswered() {
            try {
                return ask() == 0;
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
    public boolean suffices(long pointer) {
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

    /** Whether there is stack for a host call, wherever the thread's pointer is: asked anew each time. */
    public static boolean hasNeeded() {
        return NEEDED.isAnswered();
    }

    /** Whether there is stack for what is made once. */
    public static boolean hasRoom() {
        return ROOMY.isAnswered();
    }

    /** Makes something that others will use, in another thread if this one has little stack left. */
    public static <T> T withRoom(Supplier<T> maker) {
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

    /** @param bytes below 512 KiB */
    static Question question(int bytes) {
        try {
            MethodHandles.Lookup here = MethodHandles.lookup();
            return (Question) here.defineHiddenClass(classFile(bytes / WORD), true)
                    .lookupClass()
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (IOException | ReflectiveOperationException e) {
            throw new AssertionError("BUG: question for stack", e);
        }
    }

    /** By hand: loading {@code java.lang.classfile} would take a program's start 20 ms. */
    private static byte[] classFile(int words) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(BYTES_OF_CODE + 500);
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(0xCAFE_BABE);
        out.writeInt(65); // Java 21
        out.writeShort(13); // entries of the constant pool, and one
        utf8(out, "org/sallyport/engine/threads/JavaStackQuestion"); // 1
        reference(out, 7, 1); // 2, class
        utf8(out, "org/sallyport/engine/threads/JavaStack$Question"); // 3
        reference(out, 7, 3); // 4, class
        utf8(out, "<init>"); // 5
        utf8(out, "()V"); // 6
        reference(out, 12, 5, 6); // 7, name and type
        reference(out, 10, 4, 7); // 8, method
        utf8(out, "ask"); // 9
        utf8(out, "()I"); // 10
        utf8(out, "Code"); // 11
        utf8(out, "StackMapTable"); // 12
        shorts(out, 0x30, 2, 4, 0, 0, 2); // final, of which class and superclass, no interfaces and fields, two methods
        shorts(out, 0, 5, 6, 1, 11);
        out.writeInt(17);
        shorts(out, 1, 1, 0, 5); // stack, locals, code: aload_0, invokespecial, return
        out.write(new byte[] {42, (byte) 183, 0, 8, (byte) 177});
        shorts(out, 0, 0);
        shorts(out, 0, 9, 10, 1, 11);
        out.writeInt(12 + BYTES_OF_CODE + 9);
        shorts(out, 1, words, 0, BYTES_OF_CODE);
        byte[] code = new byte[BYTES_OF_CODE]; // nop
        code[0] = code[BYTES_OF_CODE - 2] = 3; // iconst_0
        code[1] = code[BYTES_OF_CODE - 1] = (byte) 172; // ireturn
        out.write(code);
        shorts(out, 0, 1, 12);
        out.writeInt(3);
        out.writeShort(1);
        out.writeByte(2); // the frame behind the first return is as at the start
        out.writeShort(0);
        return bytes.toByteArray();
    }

    private static void utf8(DataOutputStream out, String text) throws IOException {
        out.writeByte(1);
        out.writeUTF(text);
    }

    private static void reference(DataOutputStream out, int tag, int... entries) throws IOException {
        out.writeByte(tag);
        shorts(out, entries);
    }

    private static void shorts(DataOutputStream out, int... values) throws IOException {
        for (int value : values) {
            out.writeShort(value);
        }
    }
}
