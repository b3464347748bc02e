import { type ExactNumber, dividedBy, exactText, exactly, roundedUpTo } from './exact-number.ts';

/** What an autoscaler is told: it adds instances until each has at most `perInstance` requests per second. */
export interface AutoscalerSettings {
  readonly deployment: string;
  readonly least: number;
  readonly most: number;
  /** Requests per second; see `loadPerInstance`. */
  readonly perInstance: ExactNumber;
  /** Per-pod metric of the custom metrics API that holds requests per second. */
  readonly metric: string;
  /** Where KEDA asks, and what: one number, requests per second of all instances together. */
  readonly prometheus: { readonly address: string; readonly query: string };
}

/** Finer than any autoscaler counts. */
const decimals = 3;

/**
 * Load per instance at which an autoscaler asks for exactly `replicas` at the peak: instances that are there for a zone
 * that fails are there at any load. Rounded up: rounded down it would ask for one too many.
 */
export function loadPerInstance(peak: ExactNumber, replicas: number): ExactNumber {
  return roundedUpTo(dividedBy(peak, exactly(replicas)), decimals);
}

/** HorizontalPodAutoscaler of the API autoscaling/v2. */
export function hpaManifest({ deployment, least, most, perInstance, metric }: AutoscalerSettings): object {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: deployment },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: deployment },
      minReplicas: least,
      maxReplicas: most,
      metrics: [
        {
          type: 'Pods',
          pods: {
            metric: { name: metric },
            target: { type: 'AverageValue', averageValue: exactText(perInstance, decimals) },
          },
        },
      ],
    },
  };
}

/** ScaledObject of KEDA 2 with its Prometheus scaler. */
export function kedaManifest({ deployment, least, most, perInstance, prometheus }: AutoscalerSettings): object {
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name: deployment },
    spec: {
      scaleTargetRef: { name: deployment },
      minReplicaCount: least,
      maxReplicaCount: most,
      triggers: [
        {
          type: 'prometheus',
          metricType: 'AverageValue',
          metadata: {
            serverAddress: prometheus.address,
            query: prometheus.query,
            threshold: exactText(perInstance, decimals),
          },
        },
      ],
    },
  };
}
