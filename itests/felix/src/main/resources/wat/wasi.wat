;; A command of WASI: writes the file "word" of its first directory to its output; status 1 if there is none.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "word")
  (data (i32.const 16) "\40\00\00\00\00\01\00\00") ;; one buffer: at 64, 256 bytes
  (func (export "_start")
    (if (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 0)
        (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 32))
      (then (call $exit (i32.const 1))))
    (if (call $read (i32.load (i32.const 32)) (i32.const 16) (i32.const 1) (i32.const 20))
      (then (call $exit (i32.const 2))))
    (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 36)))))
