#!/bin/sh
#SBATCH --cpus-per-task=4
# One task of a Slurm array: 8 cases of a sweep, or what is missing of them where the task was ended before.
#   sbatch --array=0-3 examples/sweep/array.sh
first=$((SLURM_ARRAY_TASK_ID * 8))
exec shadowflow sweep examples/losses/banana.loss --h 0.0005:0.002:8:log --grid x=-1:1:2,y=0:1:2 --steps 20 --flows pf \
  --cases "$first..$((first + 8))" --threads "${SLURM_CPUS_PER_TASK:-1}" \
  --output "part-$(printf %03d "$SLURM_ARRAY_TASK_ID").csv" --resume
