;; Keeps a tree of 2^depth nodes of 32 bytes in a table of roots, and makes garbage and changes beside it.
(module
  (type $tree (struct (field $left (mut (ref null $tree))) (field $right (mut (ref null $tree))) (field i64) (field i32)))
  (global $kept (mut (ref null $tree)) (ref.null $tree))
  (func $make (param $depth i32) (result (ref null $tree))
    (if (result (ref null $tree)) (i32.eqz (local.get $depth))
      (then (ref.null $tree))
      (else (struct.new $tree
        (call $make (i32.sub (local.get $depth) (i32.const 1)))
        (call $make (i32.sub (local.get $depth) (i32.const 1))) (i64.const 1) (i32.const 2)))))
  (func $size (param $t (ref null $tree)) (result i32)
    (if (result i32) (ref.is_null (local.get $t))
      (then (i32.const 0))
      (else (i32.add (i32.const 1) (i32.add
        (call $size (struct.get $tree $left (local.get $t)))
        (call $size (struct.get $tree $right (local.get $t))))))))
  (func (export "keep") (param $depth i32) (global.set $kept (call $make (local.get $depth))))
  (func (export "size") (result i32) (call $size (global.get $kept)))
  ;; replaces a subtree of the depth by another one, somewhere in a tree of depth 21, again and again
  (func (export "change") (param $times i32) (param $depth i32) (param $seed i32) (local $t (ref null $tree)) (local $i i32)
    (loop $more
      (local.set $t (global.get $kept))
      (local.set $seed (i32.add (i32.mul (local.get $seed) (i32.const 1664525)) (i32.const 1013904223)))
      (local.set $i (i32.const 20))
      (loop $down
        (if (i32.and (i32.const 1) (i32.shr_u (local.get $seed) (local.get $i)))
          (then (local.set $t (struct.get $tree $left (local.get $t))))
          (else (local.set $t (struct.get $tree $right (local.get $t)))))
        (br_if $down (i32.gt_u (local.tee $i (i32.sub (local.get $i) (i32.const 1))) (local.get $depth))))
      (struct.set $tree $left (local.get $t) (call $make (local.get $depth)))
      (br_if $more (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))))
