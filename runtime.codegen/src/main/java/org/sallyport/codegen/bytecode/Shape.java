package org.sallyport.codegen.bytecode;

import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import org.sallyport.codegen.ir.ModuleFacts;
import org.sallyport.codegen.ir.Type;
import org.sallyport.wasm.FuncType;

/**
 * How functions of a type are called: arguments as values of the JVM, a vector as two {@code long}s, and the context last;
 * results are words of that kind, of which the first is returned and the others are in {@link Context#results}. Functions with
 * more arguments than a method may have (wide ones) take and leave them as {@link org.sallyport.spi.GuestFunction} does.
 */
final class Shape {
    static final ClassDesc CONTEXT = desc(Context.class);
    static final ClassDesc LONGS = ConstantDescs.CD_long.arrayType();
    /** A method has 255 words of parameters at most, and method handles need some. */
    private static final int MOST_WORDS = 240;

    final Type[] params;
    final Type[] results;
    /** Of each word of the results. */
    final List<Type> resultWords;
    final boolean isWide;
    final MethodTypeDesc descriptor;

    /** Of a function type of no module. */
    static Shape ofStore(FuncType type) {
        return new Shape(ModuleFacts.typesOfObjects(type.params()), ModuleFacts.typesOfObjects(type.results()));
    }

    /** Of a function type of the module. */
    Shape(ModuleFacts facts, FuncType type) {
        this(facts.typesOf(type.params()), facts.typesOf(type.results()));
    }

    private Shape(Type[] params, Type[] results) {
        this.params = params;
        this.results = results;
        resultWords = words(results);
        int size = 0;
        for (Type param : params) {
            size += Slots.words(param);
        }
        isWide = size > MOST_WORDS;
        descriptor = isWide ? MethodTypeDesc.of(ConstantDescs.CD_void, LONGS, CONTEXT) : exact();
    }

    private MethodTypeDesc exact() {
        List<ClassDesc> list = new ArrayList<>();
        for (Type word : words(params)) {
            list.add(desc(word));
        }
        list.add(CONTEXT);
        return MethodTypeDesc.of(resultWords.isEmpty() ? ConstantDescs.CD_void : desc(resultWords.getFirst()), list);
    }

    /** Which of the {@link #resultWords} is the first one of a result. */
    int wordOf(int result) {
        int word = 0;
        for (int i = 0; i < result; i++) {
            word += Words.count(results[i]);
        }
        return word;
    }

    /** What a method of this shape returns. */
    TypeKind resultKind() {
        return isWide || resultWords.isEmpty() ? TypeKind.VOID : kind(resultWords.getFirst());
    }

    static List<Type> words(Type... types) {
        List<Type> words = new ArrayList<>();
        for (Type type : types) {
            if (type == Type.V128) {
                words.add(Type.I64);
                words.add(Type.I64);
            } else {
                words.add(type);
            }
        }
        return words;
    }

    /** The method type, for classes of that loader. */
    MethodType methodType(ClassLoader loader) {
        return MethodType.fromMethodDescriptorString(descriptor.descriptorString(), loader);
    }

    /** What shapes that are called alike have in common. */
    List<List<Type>> key() {
        return List.of(List.of(params), List.of(results));
    }

    /** Longs of a list of slots for arguments and results. */
    int slots() {
        return 2 * Math.max(params.length, results.length);
    }

    static TypeKind kind(Type type) {
        return switch (type) {
            case I32 -> TypeKind.INT;
            case I64 -> TypeKind.LONG;
            case REF -> TypeKind.REFERENCE;
            case F32 -> TypeKind.FLOAT;
            case F64 -> TypeKind.DOUBLE;
            case VOID -> TypeKind.VOID;
            case V128 -> throw new AssertionError("BUG: a vector is two words");
        };
    }

    static ClassDesc desc(Type type) {
        return kind(type).upperBound();
    }

    static ClassDesc desc(Class<?> type) {
        return type.describeConstable().orElseThrow();
    }
}
